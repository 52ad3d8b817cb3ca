/** HL7 annotated ECG (aECG), 2003/12 schema. */
package org.rtcn.common.formats.aecg;
