/**
 * Where in which lead an answer comes from, and how far such maps can be trusted: importance of
 * lead and segment ({@link org.rtcn.common.explain.LeadSegmentExplainer}), and its test on
 * simulated patients of whom the truth is known ({@link org.rtcn.common.explain.TwinTrial}).
 */
package org.rtcn.common.explain;
