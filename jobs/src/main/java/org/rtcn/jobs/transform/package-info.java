/**
 * The stage from recordings to beats and their S-transform images, and its parts for other stages.
 */
package org.rtcn.jobs.transform;
