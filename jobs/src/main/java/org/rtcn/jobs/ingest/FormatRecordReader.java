package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.dsp.LimbLeads;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.GainStretch;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.ecg.RecordException;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.all.EcgFormats;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.InputRoot;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.TaskFiles;

/**
 * Reads recordings of all formats but WFDB. What the file says of a recording is its facts, except
 * where a label file says more; statements are its diagnosis and never a label. A file of several
 * recordings stays open for the next of them.
 */
final class FormatRecordReader implements RecordReader, AutoCloseable {
  private static final int BLOCK_SAMPLES = 1 << 16;

  private final InputRoot root;
  private final String sourceDataset;
  private final RecordRows rows;
  private final int windowSeconds;
  private String openPath;
  private EcgRecords open;

  /**
   * @param sourceDataset the source's name for its data set
   * @param dataset the user's, empty for none
   * @param windowSeconds longest piece of a recording that becomes one row
   */
  FormatRecordReader(InputRoot root, String sourceDataset, String dataset, int windowSeconds) {
    this.root = root;
    this.sourceDataset = sourceDataset;
    this.rows = new RecordRows(dataset);
    this.windowSeconds = windowSeconds;
  }

  @Override
  public Iterator<Outcome> read(ListedRecord listed) {
    String reason;
    String detail;
    try {
      return outcomes(listed);
    } catch (RecordException e) {
      reason = e.code();
      detail = e.getMessage();
    } catch (IOException e) {
      reason = "READ_FAILED";
      detail = String.valueOf(e.getMessage());
    }
    return refused(listed, reason, detail);
  }

  private static Iterator<Outcome> refused(ListedRecord listed, String reason, String detail) {
    return List.of(Outcome.refused(listed, reason, detail, List.of())).iterator();
  }

  private Iterator<Outcome> outcomes(ListedRecord listed) throws IOException {
    EcgRecords records = opened(listed);
    EcgRecord record = records.get(index(records, listed));
    List<Lead> missing = LimbLeads.missing(record.signal(0, 1));
    if (!missing.isEmpty()) {
      return refused(
          listed,
          "LEADS_MISSING",
          "Cannot use " + listed.header() + ": it has no lead " + missing + " among 12");
    }
    long window = Math.max(1, (long) (windowSeconds * record.fsHz()));
    window = Math.min(window, ReadLimits.DEFAULT.samples() / record.channels().size());
    return new Windows(listed, record, Math.min(window, record.sampleCount())).opened();
  }

  private static int index(EcgRecords records, ListedRecord listed) throws IOException {
    for (int i = 0; i < records.count(); i++) {
      if (records.part(i).equals(listed.part())) {
        return i;
      }
    }
    throw new IOException(
        "Cannot find " + listed.header() + ": the file has changed; run it again");
  }

  private EcgRecords opened(ListedRecord listed) throws IOException {
    String path = listed.file();
    if (!path.equals(openPath)) {
      close();
      open = EcgFormats.read(file(listed), ReadLimits.DEFAULT);
      openPath = path;
    }
    return open;
  }

  private EcgFile file(ListedRecord listed) throws IOException {
    Path path = new Path(listed.file());
    TaskFiles files =
        new TaskFiles(root.fileSystem(), path.getParent(), root.localRoot(), TaskFiles.sha256());
    return new EcgFile(HeaderFiles.unpacked(path.getName()), files);
  }

  @Override
  public void close() {
    openPath = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        open = null;
      }
    }
  }

  /** Gives a recording piece by piece. */
  private final class Windows extends RecordWindows {
    private final ListedRecord listed;
    private final EcgRecord record;
    private final String fingerprint;

    Windows(ListedRecord listed, EcgRecord record, long length) throws IOException {
      super(record.sampleCount(), length);
      this.listed = listed;
      this.record = record;
      this.fingerprint = fingerprint(listed, record);
    }

    @Override
    Outcome window(long from, long count, boolean isFirst) throws IOException {
      EcgSignal signal = LimbLeads.complete(record.signal(from, (int) count));
      return isAnyValid(signal)
          ? kept(listed, record, signal, fingerprint, count == record.sampleCount() ? null : from)
          : null;
    }

    @Override
    Outcome empty() {
      return refused(
              listed,
              "EMPTY",
              "Cannot use " + listed.header() + ": no sample of any lead is valid; leave it out")
          .next();
    }

    @Override
    Outcome withoutSamples() {
      return Outcome.leftOut(listed);
    }
  }

  private static boolean isAnyValid(EcgSignal signal) {
    for (float[] row : signal.millivolts()) {
      for (float sample : row) {
        if (!Float.isNaN(sample)) {
          return true;
        }
      }
    }
    return false;
  }

  private Outcome kept(
      ListedRecord listed,
      EcgRecord record,
      EcgSignal signal,
      String fingerprint,
      Long startSample) {
    RecordRows.Piece piece =
        new RecordRows.Piece(
            signal,
            gains(record, signal),
            List.of(),
            record.checksumMatches().orElse(null),
            fingerprint,
            startSample);
    return rows.kept(
        listed,
        sourceDataset,
        facts(listed.facts(), listed.name(), record.facts()),
        piece,
        List.of());
  }

  /** Gains of the stored leads; none where the file stores numbers with fractions. */
  private static List<GainStretch> gains(EcgRecord record, EcgSignal signal) {
    List<Float> gains = new ArrayList<>();
    for (Lead lead : signal.leads()) {
      Float gain = null;
      for (EcgChannel channel : record.channels()) {
        if (channel.lead().filter(lead::equals).isPresent() && channel.millivoltsPerStep() > 0) {
          gain = (float) (1 / channel.millivoltsPerStep());
        }
      }
      gains.add(gain);
    }
    return gains.stream().allMatch(java.util.Objects::isNull)
        ? List.of()
        : List.of(new GainStretch(0, gains));
  }

  /**
   * What a label file says, and what it leaves open as the file says it.
   *
   * @param labels null without a label file
   * @param patient who it is if the file does not say
   */
  static RecordFacts facts(RecordFacts labels, String patient, EcgFacts stated) {
    if (labels == null) {
      return new RecordFacts(
          stated.patientId().orElse(patient),
          stated.ageYears().orElse(null),
          stated.sex().orElse(null),
          stated.diagnosis(),
          null,
          Label.UNKNOWN,
          stated.isSimulated(),
          null,
          null,
          null,
          null,
          stated.unread());
    }
    return new RecordFacts(
        labels.patientName(),
        labels.ageYears() == null ? stated.ageYears().orElse(null) : labels.ageYears(),
        labels.sex() == null ? stated.sex().orElse(null) : labels.sex(),
        labels.diagnosis() == null ? stated.diagnosis() : labels.diagnosis(),
        labels.infarctSites(),
        labels.label(),
        labels.simulated() || stated.isSimulated(),
        labels.stratFold(),
        labels.statements(),
        labels.infarctStadium(),
        labels.validatedByHuman(),
        unread(labels, stated));
  }

  /** What neither could say: a value that one of them states well is not missing. */
  private static List<String> unread(RecordFacts labels, EcgFacts stated) {
    Set<String> names = new LinkedHashSet<>(labels.unread());
    names.addAll(stated.unread());
    names.removeIf(
        text ->
            (labels.ageYears() != null && text.startsWith("age="))
                || (labels.sex() != null && text.startsWith("sex=")));
    return List.copyOf(names);
  }

  /** Of the file's bytes, or of the samples of one recording among several. */
  private String fingerprint(ListedRecord listed, EcgRecord record) throws IOException {
    MessageDigest digest = TaskFiles.sha256();
    if (listed.part().isEmpty()) {
      try (InputStream in = file(listed).open();
          OutputStream out =
              new java.security.DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
        in.transferTo(out);
      }
    } else {
      digest.update(listed.part().getBytes(StandardCharsets.UTF_8));
      for (long at = 0; at < record.sampleCount(); at += BLOCK_SAMPLES) {
        int count = (int) Math.min(BLOCK_SAMPLES, record.sampleCount() - at);
        for (double[] row : record.read(at, count)) {
          ByteBuffer bytes = ByteBuffer.allocate(8 * count);
          bytes.asDoubleBuffer().put(row);
          digest.update(bytes);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
