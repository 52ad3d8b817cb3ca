/** The vocabulary of the domain: leads, signals, infarct sites, labels, beats. */
package org.rtcn.common.ecg;
