/** Random streams that depend on (seed, key) alone, never on partitions or threads. */
package org.rtcn.common.random;
