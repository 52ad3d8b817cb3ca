package org.rtcn.common.formats.hdf5;

import io.jhdf.api.Dataset;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.Head;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.matrix.Sidecar;

/**
 * HDF5 in one of three layouts: CODE's {@code tracings}; ml4h's {@code ukb_ecg_rest}; and the
 * generic one, see {@link GenericLayout}. A sidecar chooses the generic layout.
 */
public final class Hdf5Reader implements EcgReader {
  private static final String MAGIC = "\u0089HDF\r\n\u001a\n";

  @Override
  public String format() {
    return "HDF5";
  }

  @Override
  public boolean mayHoldSeveral() {
    return true;
  }

  @Override
  public boolean recognises(Head head) {
    // A user block of 512 x 2^n bytes may stand before.
    for (int at = 0; at + 8 <= head.bytes().length; at = at == 0 ? 512 : 2 * at) {
      if (head.has(at, MAGIC)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public EcgRecords read(EcgFile file, ReadLimits limits) throws IOException {
    Hdf hdf = Hdf.open(file, limits);
    try {
      return layout(file, hdf, limits);
    } catch (IOException | RuntimeException e) {
      hdf.close();
      throw e;
    }
  }

  private static EcgRecords layout(EcgFile file, Hdf hdf, ReadLimits limits) throws IOException {
    Optional<Sidecar> sidecar = Sidecar.of(file);
    if (sidecar.isEmpty() && hdf.children().get("tracings") instanceof Dataset tracings) {
      if (hdf.number(tracings, GenericLayout.RATE).isEmpty()) {
        return CodeLayout.read(file, hdf, tracings, limits);
      }
    }
    if (sidecar.isEmpty() && hdf.children().containsKey(Ml4hLayout.PARTNERS)) {
      // Opaque bytes without a tag, which jHDF 0.9.4 does not read.
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: %s holds compressed opaque data, which are not read; export the recordings as .npy or as numbers in HDF5 (docs/formats.md)"
              .formatted(file.name(), Ml4hLayout.PARTNERS));
    }
    if (sidecar.isEmpty() && !hdf.children(Ml4hLayout.UK_BIOBANK).isEmpty()) {
      return Ml4hLayout.read(file, hdf, limits);
    }
    Map<String, Dataset> marked = GenericLayout.datasets(hdf, sidecar);
    if (marked.isEmpty()) {
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: it has neither CODE's tracings nor ml4h's groups, and no data set with the attributes %s and %s; add them, or a sidecar that names the dataset (docs/formats.md)"
              .formatted(file.name(), GenericLayout.RATE, GenericLayout.UNIT));
    }
    return GenericLayout.read(file, hdf, marked, sidecar, limits);
  }
}
