/** HDF5: the layouts of CODE and ml4h, and a generic one. */
package org.rtcn.common.formats.hdf5;
