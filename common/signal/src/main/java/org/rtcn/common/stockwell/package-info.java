/**
 * The discrete S-transform (Stockwell, Mansinha, Lowe 1996): the full complex table of a signal,
 * and the decimated magnitude image that the network sees.
 */
package org.rtcn.common.stockwell;
