/** One command line: {@code rtcn STAGE …}. */
package org.rtcn.jobs.cli;
