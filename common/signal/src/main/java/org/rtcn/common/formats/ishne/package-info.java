/** ISHNE 1.0 Holter files. */
package org.rtcn.common.formats.ishne;
