/** Graphs in the Open Neural Network Exchange format, by the protocol classes that ND4J carries. */
package org.rtcn.common.onnx;
