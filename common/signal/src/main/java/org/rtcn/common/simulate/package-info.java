/**
 * A physiological generator of 12-lead ECG, so that a newcomer and a scale test need no download.
 *
 * <p>The heart is a three-dimensional dipole whose components are sums of Gaussians over the beat
 * (McSharry, Clifford, Tarassenko, Smith, IEEE Trans. Biomed. Eng. 50:289, 2003; Sameni, Clifford,
 * Jutten, Shamsollahi, EURASIP J. Adv. Signal Process. 2007:043407), seen by the electrodes through
 * Dower's matrix (Dower, Machado, Osborne, Clin. Cardiol. 3:87, 1980). An infarct changes terms of
 * the dipole: the dead wall no longer pulls the early QRS vector (pathological Q, lost R), the
 * injured wall pulls ST (elevation, with reciprocal depression opposite), and repolarisation turns
 * away from it (T inversion). The signs in the leads, reciprocal ones included, follow from
 * geometry.
 *
 * <p>The sizes, spreads and time courses are design decisions of this project, chosen to look like
 * resting ECGs. What is made here is not a recording of a person and every record says so.
 */
package org.rtcn.common.simulate;
