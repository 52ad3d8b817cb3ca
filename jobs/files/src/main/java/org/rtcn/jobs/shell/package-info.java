/** What all entry points do: parse, log, and say what failed and whose it is to mend. */
package org.rtcn.jobs.shell;
