package org.rtcn.jobs.ingest;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.wfdb.FrameRange;
import org.rtcn.common.wfdb.LeadReader;
import org.rtcn.common.wfdb.WfdbException;
import org.rtcn.common.wfdb.WfdbException.Reason;
import org.rtcn.common.wfdb.WfdbHeader;
import org.rtcn.common.wfdb.WfdbReader;
import org.rtcn.jobs.ingest.EcgSource.ListedRecord;
import org.rtcn.jobs.ingest.EcgSource.Refusal;

/**
 * Reads one recording to its rows, or to the reason why not. A recording longer than the window is
 * checked in a first pass and then comes window by window, so that memory holds one window. One
 * instance serves one task.
 */
final class RecordReader {
  /** Samples of all signals that a window may hold, whatever rate a header claims. */
  private static final long MAX_WINDOW_SAMPLES = 1L << 25;

  /** Where a header states no length, the files must be small enough to be read at once. */
  private static final long MAX_BYTES_OF_UNSTATED_LENGTH = 1L << 28;

  /** A compressed file of a few bytes may hold any number of samples. */
  private static final int FIRST_FLAC_FORMAT = 500;

  private static final List<Lead> FRANK = List.of(Lead.VX, Lead.VY, Lead.VZ);

  private final EcgSource source;
  private final String dataset;
  private final int windowSeconds;
  private final FileSystem fileSystem;
  private final java.nio.file.Path localRoot;
  private final LeadReader leadReader = new LeadReader(LeadReader.ArrayPolicy.FRESH);

  /**
   * @param root the input, which links must not leave
   * @param windowSeconds longest piece of a recording that becomes one row
   */
  RecordReader(
      EcgSource source, String dataset, int windowSeconds, FileSystem fileSystem, Path root)
      throws IOException {
    this.source = source;
    this.dataset = dataset;
    this.windowSeconds = windowSeconds;
    this.fileSystem = fileSystem;
    java.nio.file.Path local = LocalPaths.of(fileSystem.makeQualified(root));
    this.localRoot = local == null ? null : local.toRealPath();
  }

  /**
   * What became of a recording or of a window of it: either both rows, or a refusal.
   *
   * @param path the header
   * @param record a row of the table RECORDS
   * @param signals a row of the table SIGNALS
   * @param opened files that were opened for it; of windows, only with the first
   */
  record Outcome(String path, Row record, Row signals, Refusal refusal, List<String> opened) {}

  /** The outcomes of a recording, at least one; windows are read as they are asked for. */
  Iterator<Outcome> read(ListedRecord listed) {
    MessageDigest digest = sha256();
    TaskFiles files =
        new TaskFiles(fileSystem, new Path(listed.header()).getParent(), localRoot, digest);
    String reason;
    String detail;
    try {
      return outcomes(listed, files, digest);
    } catch (WfdbException e) {
      reason = e.reason().name();
      detail = e.getMessage();
    } catch (FileNotFoundException e) {
      reason = Reason.SIGNAL_FILE_MISSING.name();
      detail = e.getMessage();
    } catch (IOException e) {
      reason = "READ_FAILED";
      detail = String.valueOf(e.getMessage());
    } catch (IllegalArgumentException e) {
      reason = Reason.HEADER_MALFORMED.name();
      detail = e.getMessage();
    }
    return List.of(refused(listed, files, reason, detail)).iterator();
  }

  private Iterator<Outcome> outcomes(ListedRecord listed, TaskFiles files, MessageDigest digest)
      throws IOException {
    String name = new Path(listed.header()).getName();
    WfdbHeader header =
        WfdbReader.readHeader(
            name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name, files);
    WfdbHeader layout = WfdbReader.layout(header, files);
    List<Lead> missing = new ArrayList<>();
    for (Lead lead : Lead.STANDARD_12) {
      if (layout.indexOf(lead) < 0) {
        missing.add(lead);
      }
    }
    if (!missing.isEmpty()) {
      // Its files are named all the same, so that they do not count as nobody's.
      layout.signals().forEach(signal -> files.name(signal.fileName()));
      return List.of(
              refused(
                  listed,
                  files,
                  "LEADS_MISSING",
                  "Cannot use " + listed.header() + ": it has no lead " + missing + " among 12"))
          .iterator();
    }
    long perFrame = layout.signals().stream().mapToLong(s -> s.samplesPerFrame()).sum();
    long windowFrames =
        Math.max(
            1, Math.min((long) (windowSeconds * layout.fsHz()), MAX_WINDOW_SAMPLES / perFrame));
    boolean compressed = layout.signals().stream().anyMatch(s -> s.format() >= FIRST_FLAC_FORMAT);
    if (layout.frameCount().isEmpty()
        && (compressed || listed.bytes() > MAX_BYTES_OF_UNSTATED_LENGTH)) {
      throw new WfdbException(
          Reason.RECORD_TOO_LONG,
          "Cannot read "
              + listed.header()
              + ": it states no sample count and its files hold "
              + listed.bytes()
              + " bytes; state the count");
    }
    if (layout.frameCount().orElse(0) <= windowFrames) {
      LeadReader.Leads leads = leadReader.read(header, files);
      return List.of(
              outcome(listed, header, leads, leads.checksumMatches(), digest(digest), null, files))
          .iterator();
    }
    Boolean checksum = leadReader.verify(header, files).orElse(null);
    String fingerprint = digest(digest);
    return new Windows(listed, header, layout, windowFrames, checksum, fingerprint, files);
  }

  /** Reads a long recording window by window; a window without any valid sample is left out. */
  private final class Windows implements Iterator<Outcome> {
    private final ListedRecord listed;
    private final WfdbHeader header;
    private final long frames;
    private final int samplesPerFrame;
    private final long windowFrames;
    private final Boolean checksum;
    private final String fingerprint;
    private final TaskFiles files;
    private long start;
    private boolean any;
    private Outcome next;

    Windows(
        ListedRecord listed,
        WfdbHeader header,
        WfdbHeader layout,
        long windowFrames,
        Boolean checksum,
        String fingerprint,
        TaskFiles files)
        throws IOException {
      this.listed = listed;
      this.header = header;
      this.frames = layout.frameCount().orElse(0);
      this.samplesPerFrame = layout.signals().get(layout.indexOf(Lead.I)).samplesPerFrame();
      this.windowFrames = windowFrames;
      this.checksum = checksum;
      this.fingerprint = fingerprint;
      this.files = files;
      advance();
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Outcome next() {
      if (next == null) {
        throw new NoSuchElementException();
      }
      Outcome given = next;
      try {
        advance();
      } catch (IOException e) {
        // The first pass has read it: this is the storage's fault, and trying again may help.
        throw new UncheckedIOException(e);
      }
      return given;
    }

    private void advance() throws IOException {
      next = null;
      while (next == null && start < frames) {
        long count = Math.min(windowFrames, frames - start);
        LeadReader.Leads leads = leadReader.read(header, files, new FrameRange(start, count));
        int samples = leads.signal().sampleCount();
        if (leads.invalidCount().stream().anyMatch(invalid -> invalid < samples)) {
          next =
              outcome(
                  listed,
                  header,
                  leads,
                  checksum,
                  fingerprint,
                  start * samplesPerFrame,
                  any ? null : files);
          any = true;
        }
        start += count;
      }
      if (!any) {
        any = true;
        next =
            refused(
                listed,
                files,
                Reason.EMPTY.name(),
                "Cannot use " + listed.header() + ": no sample of any lead is valid; leave it out");
      }
    }
  }

  /**
   * @param startSample first sample of a window, null for a whole recording
   * @param files whose files to name, null for none
   */
  private Outcome outcome(
      ListedRecord listed,
      WfdbHeader header,
      LeadReader.Leads leads,
      Boolean checksum,
      String fingerprint,
      Long startSample,
      TaskFiles files) {
    EcgSignal signal = leads.signal();
    RecordFacts facts = source.facts(listed, header);
    String named =
        dataset.isEmpty() ? (facts.simulated() ? "simulated" : source.dataset()) : dataset;
    String recordId = named + "/" + listed.name() + (startSample == null ? "" : "@" + startSample);

    int standard = Lead.STANDARD_12.size();
    Object[] leadValues = new Object[standard];
    Float[] gains = new Float[standard];
    Integer[] invalid = new Integer[standard];
    TreeSet<String> quality = new TreeSet<>();
    for (int i = 0; i < standard; i++) {
      int row = signal.leads().indexOf(Lead.STANDARD_12.get(i));
      float[] samples = signal.millivolts()[row];
      leadValues[i] = samples;
      gains[i] = leads.gainAduPerMillivolt().get(row);
      invalid[i] = leads.invalidCount().get(row);
      if (invalid[i] > 0) {
        quality.add("invalid_samples");
      }
      if (isFlat(samples)) {
        quality.add("flat_lead");
      }
    }
    Row record =
        RowFactory.create(
            recordId,
            named,
            named + "/" + facts.patientName(),
            facts.ageYears(),
            facts.sex(),
            facts.diagnosis(),
            facts.infarctSites(),
            facts.label().name(),
            signal.fsHz(),
            signal.sampleCount(),
            signal.leads().stream().map(Lead::label).toArray(String[]::new),
            listed.header(),
            checksum,
            quality.isEmpty() ? "ok" : String.join("+", quality),
            facts.simulated(),
            facts.stratFold(),
            fingerprint,
            startSample,
            facts.statements(),
            facts.infarctStadium(),
            facts.validatedByHuman(),
            listed.stamp());
    Object[] signalValues = new Object[7 + standard + FRANK.size()];
    signalValues[0] = recordId;
    signalValues[1] = named;
    signalValues[2] = signal.fsHz();
    signalValues[3] = signal.sampleCount();
    signalValues[4] = "mV";
    signalValues[5] = gains;
    signalValues[6] = invalid;
    System.arraycopy(leadValues, 0, signalValues, 7, standard);
    for (int i = 0; i < FRANK.size(); i++) {
      int row = signal.leads().indexOf(FRANK.get(i));
      signalValues[7 + standard + i] = row < 0 ? null : signal.millivolts()[row];
    }
    return new Outcome(
        listed.header(),
        record,
        RowFactory.create(signalValues),
        null,
        files == null ? List.of() : List.copyOf(files.opened()));
  }

  private static Outcome refused(
      ListedRecord listed, TaskFiles files, String reason, String detail) {
    return new Outcome(
        listed.header(),
        null,
        null,
        new Refusal(listed.header(), reason, detail),
        List.copyOf(files.opened()));
  }

  private static boolean isFlat(float[] samples) {
    float first = Float.NaN;
    for (float sample : samples) {
      if (Float.isNaN(first)) {
        first = sample;
      } else if (!Float.isNaN(sample) && sample != first) {
        return false;
      }
    }
    return true;
  }

  private static String digest(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 in this JVM", e);
    }
  }
}
