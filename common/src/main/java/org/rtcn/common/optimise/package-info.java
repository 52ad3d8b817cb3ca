/**
 * What a step makes of a gradient: learning rate, clipping, Adam. RTCN and the diffusion model
 * learn by the same rules; DL4J's updaters here are those rules in DL4J's form.
 */
package org.rtcn.common.optimise;
