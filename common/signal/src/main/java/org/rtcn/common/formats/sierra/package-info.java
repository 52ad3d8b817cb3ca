/** Philips SierraECG and PhilipsECG XML 1.03, 1.04 and later. */
package org.rtcn.common.formats.sierra;
