/** Several models beside each other: their figures, and the paired differences with intervals. */
package org.rtcn.jobs.compare;
