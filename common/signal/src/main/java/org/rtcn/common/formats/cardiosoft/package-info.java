/** GE CardioSoft and CASE XML (CardiologyXML). */
package org.rtcn.common.formats.cardiosoft;
