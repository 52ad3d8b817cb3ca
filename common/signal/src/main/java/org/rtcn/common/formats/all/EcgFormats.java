package org.rtcn.common.formats.all;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.Head;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.aecg.AecgReader;
import org.rtcn.common.formats.cardiosoft.CardioSoftReader;
import org.rtcn.common.formats.dicom.DicomReader;
import org.rtcn.common.formats.edf.EdfReader;
import org.rtcn.common.formats.hdf5.Hdf5Reader;
import org.rtcn.common.formats.ishne.IshneReader;
import org.rtcn.common.formats.matrix.CsvReader;
import org.rtcn.common.formats.matrix.NpyReader;
import org.rtcn.common.formats.muse.MuseReader;
import org.rtcn.common.formats.scp.ScpReader;
import org.rtcn.common.formats.sierra.SierraReader;
import org.rtcn.common.formats.wfdb.WfdbEcgReader;

/** All formats, told apart by content. */
public final class EcgFormats {
  /** In the order in which they are asked: those with a mark of their own come first. */
  private static final List<EcgReader> READERS =
      List.of(
          new DicomReader(),
          new IshneReader(),
          new EdfReader(),
          new Hdf5Reader(),
          new NpyReader(),
          new AecgReader(),
          new MuseReader(),
          new CardioSoftReader(),
          new SierraReader(),
          new ScpReader(),
          new CsvReader(),
          new WfdbEcgReader());

  /** So many of them have a mark, within so many bytes; HDF5 may have it later, too. */
  private static final int MARKED = 5;

  private static final int MARKS = 1024;

  /** Suffixes that promise ECG: such a file is refused where others are passed over. */
  private static final Set<String> SUFFIXES =
      Set.of(
          "dcm", "dicom", "scp", "ecg", "edf", "bdf", "rec", "h5", "hdf5", "hd5", "hdf", "npy",
          "aecg");

  private EcgFormats() {}

  /** All readers. */
  public static List<EcgReader> readers() {
    return READERS;
  }

  /** The reader of a file, by its first bytes; empty if it is of no known format. */
  public static Optional<EcgReader> of(EcgFile file) throws IOException {
    long size = file.size();
    try (InputStream in = file.open()) {
      byte[] first = EcgFile.next(in, Math.min(MARKS, size), MARKS);
      Optional<EcgReader> marked = of(new Head(first, size), READERS.subList(0, MARKED));
      if (marked.isPresent() || first.length < MARKS) {
        return marked.isPresent() ? marked : of(new Head(first, size), READERS);
      }
      byte[] more = EcgFile.next(in, size - MARKS, Head.LENGTH - MARKS);
      byte[] head = Arrays.copyOf(first, MARKS + more.length);
      System.arraycopy(more, 0, head, MARKS, more.length);
      return of(new Head(head, size), READERS);
    }
  }

  private static Optional<EcgReader> of(Head head, List<EcgReader> readers) {
    return readers.stream().filter(reader -> reader.recognises(head)).findFirst();
  }

  /** Whether a file's name suits a format, or promises nothing else. */
  public static boolean mayBeEcg(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return isNamedLikeEcg(name) || lower.endsWith(".xml") || lower.endsWith(".csv");
  }

  /** Whether a file's name promises ECG, whatever it holds. */
  public static boolean isNamedLikeEcg(String name) {
    int dot = name.lastIndexOf('.');
    return dot >= 0 && SUFFIXES.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }

  /**
   * Opens a file of any format.
   *
   * @throws FormatException if it is of none, or cannot be read as it stands
   */
  public static EcgRecords read(EcgFile file, ReadLimits limits) throws IOException {
    return of(file).orElseThrow(() -> unknown(file.name())).read(file, limits);
  }

  /** Why a file of no known format is refused. */
  public static FormatException unknown(String name) {
    return new FormatException(
        Reason.FORMAT_UNKNOWN,
        "Cannot read "
            + name
            + ": its content is that of no format read here, whatever its name says; export it as"
            + " one of "
            + READERS.stream().map(EcgReader::format).toList());
  }
}
