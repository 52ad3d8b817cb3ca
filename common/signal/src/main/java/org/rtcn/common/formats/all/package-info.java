/** All formats together. */
package org.rtcn.common.formats.all;
