/** WFDB behind the interface of all formats. */
package org.rtcn.common.formats.wfdb;
