/** Pure Java engines of rtcn-spark. Nothing here knows of Spark or Hadoop (checked by ArchUnit). */
package org.rtcn.common;
