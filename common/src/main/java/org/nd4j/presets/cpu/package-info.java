/** A class of ND4J's that ours stands in for, so that its library can be packed in the jar. */
package org.nd4j.presets.cpu;
