package org.rtcn.jobs.ingest;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.dsp.LimbLeads;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.GainStretch;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.wfdb.FrameRange;
import org.rtcn.common.wfdb.LeadReader;
import org.rtcn.common.wfdb.WfdbException;
import org.rtcn.common.wfdb.WfdbException.Reason;
import org.rtcn.common.wfdb.WfdbHeader;
import org.rtcn.common.wfdb.WfdbReader;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.LocalPaths;
import org.rtcn.jobs.inputs.TaskFiles;

/**
 * Reads WFDB records. One longer than the window is checked in a first pass and then comes window
 * by window, so that memory holds one window.
 */
final class WfdbRecordReader implements RecordReader {
  /** Samples of all signals that a window may hold, whatever rate a header claims. */
  private static final long MAX_WINDOW_SAMPLES = 1L << 25;

  /** Where a header states no length, the files must be small enough to be read at once. */
  private static final long MAX_BYTES_OF_UNSTATED_LENGTH = 1L << 28;

  /** A compressed file of a few bytes may hold any number of samples. */
  private static final int FIRST_FLAC_FORMAT = 500;

  private final EcgSource source;
  private final RecordRows rows;
  private final int windowSeconds;
  private final FileSystem fileSystem;
  private final java.nio.file.Path localRoot;
  private final LeadReader leadReader = new LeadReader(LeadReader.ArrayPolicy.FRESH);

  /**
   * @param dataset the user's name for the data set, empty for the source's own
   * @param windowSeconds longest piece of a recording that becomes one row
   * @param root the input, which links must not leave
   */
  WfdbRecordReader(
      EcgSource source, String dataset, int windowSeconds, FileSystem fileSystem, Path root)
      throws IOException {
    this.source = source;
    this.rows = new RecordRows(dataset);
    this.windowSeconds = windowSeconds;
    this.fileSystem = fileSystem;
    java.nio.file.Path local = LocalPaths.of(fileSystem.makeQualified(root));
    this.localRoot = local == null ? null : local.toRealPath();
  }

  @Override
  public Iterator<Outcome> read(ListedRecord listed) {
    MessageDigest digest = TaskFiles.sha256();
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
    return refused(listed, files, reason, detail);
  }

  private Iterator<Outcome> outcomes(ListedRecord listed, TaskFiles files, MessageDigest digest)
      throws IOException {
    WfdbHeader header = WfdbReader.readHeader(headerName(listed), files);
    WfdbHeader layout = WfdbReader.layout(header, files);
    List<Lead> there = new ArrayList<>();
    for (Lead lead : Lead.values()) {
      if (layout.indexOf(lead) >= 0) {
        there.add(lead);
      }
    }
    List<Lead> missing =
        LimbLeads.missing(new EcgSignal(layout.fsHz(), there, new float[there.size()][1]));
    if (!missing.isEmpty()) {
      return refused(
          listed,
          files,
          "LEADS_MISSING",
          "Cannot use " + listed.header() + ": it has no lead " + missing + " among 12");
    }
    long windowFrames = windowFrames(layout);
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
      if (!leads.isAnyValid()) {
        return empty(listed, files);
      }
      return List.of(
              outcome(listed, header, leads, leads.checksumMatches(), digest(digest), null, files))
          .iterator();
    }
    Boolean checksum = leadReader.verify(header, files).orElse(null);
    return new Windows(listed, header, layout, windowFrames, checksum, digest(digest), files)
        .opened();
  }

  /** A header of any rate or number of signals must not make a window that memory cannot hold. */
  private long windowFrames(WfdbHeader layout) throws WfdbException {
    long perFrame =
        Math.max(
            layout.signals().stream().mapToLong(s -> s.samplesPerFrame()).sum(),
            (long) LeadReader.samplesPerFrame(layout) * Lead.values().length);
    return Math.max(
        1, Math.min((long) (windowSeconds * layout.fsHz()), MAX_WINDOW_SAMPLES / perFrame));
  }

  private static String headerName(ListedRecord listed) {
    return HeaderFiles.unpacked(new Path(listed.header()).getName());
  }

  /** Reads a long recording window by window. */
  private final class Windows extends RecordWindows {
    private final ListedRecord listed;
    private final WfdbHeader header;
    private final int samplesPerFrame;
    private final Boolean checksum;
    private final String fingerprint;
    private final TaskFiles files;

    Windows(
        ListedRecord listed,
        WfdbHeader header,
        WfdbHeader layout,
        long windowFrames,
        Boolean checksum,
        String fingerprint,
        TaskFiles files)
        throws IOException {
      super(layout.frameCount().orElse(0), windowFrames);
      this.listed = listed;
      this.header = header;
      this.samplesPerFrame = LeadReader.samplesPerFrame(layout);
      this.checksum = checksum;
      this.fingerprint = fingerprint;
      this.files = files;
    }

    @Override
    Outcome window(long from, long count, boolean isFirst) throws IOException {
      LeadReader.Leads leads = leadReader.read(header, files, new FrameRange(from, count));
      return leads.isAnyValid()
          ? outcome(
              listed,
              header,
              leads,
              checksum,
              fingerprint,
              from * samplesPerFrame,
              isFirst ? files : null)
          : null;
    }

    @Override
    Outcome empty() {
      return WfdbRecordReader.this.empty(listed, files).next();
    }

    @Override
    Outcome withoutSamples() {
      return Outcome.leftOut(listed);
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
    // Two limb leads give the other four, which many archives leave out.
    EcgSignal signal = LimbLeads.complete(leads.signal());
    List<Lead> stored = leads.signal().leads();
    RecordRows.Piece piece =
        new RecordRows.Piece(
            signal,
            leads.gains().stream()
                .map(
                    stretch ->
                        new GainStretch(
                            stretch.fromSample(),
                            ofLeads(signal, stored, stretch.aduPerMillivolt())))
                .toList(),
            leads.sourceFsHz().isEmpty() ? List.of() : ofLeads(signal, stored, leads.sourceFsHz()),
            checksum,
            fingerprint,
            startSample);
    return rows.kept(
        listed,
        source.dataset(),
        source.facts(listed, header).simulatedAsStated(header.isSimulated()),
        piece,
        files == null ? List.of() : List.copyOf(files.opened()));
  }

  /** What is known of the stored leads, in the signal's order; null for derived ones. */
  private static <T> List<T> ofLeads(EcgSignal signal, List<Lead> stored, List<T> known) {
    List<T> values = new ArrayList<>();
    for (Lead lead : signal.leads()) {
      int row = stored.indexOf(lead);
      values.add(row < 0 ? null : known.get(row));
    }
    return values;
  }

  /** The one rule, whatever the length: what holds no valid sample is no recording. */
  private Iterator<Outcome> empty(ListedRecord listed, TaskFiles files) {
    return refused(
        listed,
        files,
        Reason.EMPTY.name(),
        "Cannot use " + listed.header() + ": no sample of any lead is valid; leave it out");
  }

  /** A refusal; the files that its header names, as far as it can be understood, go with it. */
  private Iterator<Outcome> refused(
      ListedRecord listed, TaskFiles files, String reason, String detail) {
    WfdbReader.mentioned(headerName(listed), files).forEach(files::name);
    return List.of(Outcome.refused(listed, reason, detail, files.opened())).iterator();
  }

  private static String digest(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
