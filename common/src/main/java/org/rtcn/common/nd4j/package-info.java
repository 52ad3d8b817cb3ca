/** How this JVM runs ND4J: backend, oneDNN, threads. */
package org.rtcn.common.nd4j;
