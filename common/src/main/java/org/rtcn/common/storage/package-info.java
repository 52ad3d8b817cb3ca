/**
 * How models and checkpoints lie on disk: {@link org.rtcn.common.storage.NamedArrays}, the one
 * container of arrays, and {@link org.rtcn.common.storage.StrictJson}, JSON that is plain data.
 * Input counts as hostile until it has been checked.
 */
package org.rtcn.common.storage;
