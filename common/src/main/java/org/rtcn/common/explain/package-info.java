/**
 * Where in which lead an answer comes from, and how far such maps can be believed: importance of
 * lead and segment ({@link org.rtcn.common.explain.LeadSegmentExplainer}), and its trial against
 * simulated patients of whom the truth is known ({@link org.rtcn.common.explain.TwinTrial}).
 */
package org.rtcn.common.explain;
