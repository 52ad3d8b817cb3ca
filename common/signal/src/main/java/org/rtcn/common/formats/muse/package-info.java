/** GE MUSE RestingECG XML. */
package org.rtcn.common.formats.muse;
