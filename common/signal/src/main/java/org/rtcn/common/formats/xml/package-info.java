/** Reads the XML of ECG formats: bounded trees, no entities, nothing fetched. */
package org.rtcn.common.formats.xml;
