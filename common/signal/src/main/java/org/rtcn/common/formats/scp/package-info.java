/** SCP-ECG: EN 1064, ISO 11073-91064. */
package org.rtcn.common.formats.scp;
