package org.rtcn.jobs.ingest;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.wfdb.WfdbException;
import org.rtcn.common.wfdb.WfdbFiles;
import org.rtcn.common.wfdb.WfdbHeader;
import org.rtcn.common.wfdb.WfdbReader;
import org.rtcn.common.wfdb.WfdbRecord;
import org.rtcn.jobs.ingest.EcgSource.ListedRecord;
import org.rtcn.jobs.ingest.EcgSource.Refusal;

/** Reads one recording to its rows, or to the reason why not. One instance serves one task. */
final class RecordReader {
  private final EcgSource source;
  private final String dataset;
  private final FileSystem fileSystem;

  RecordReader(EcgSource source, String dataset, FileSystem fileSystem) {
    this.source = source;
    this.dataset = dataset;
    this.fileSystem = fileSystem;
  }

  /**
   * What became of a recording: either both rows, or a refusal.
   *
   * @param record a row of the table RECORDS
   * @param signals a row of the table SIGNALS
   */
  record Outcome(Row record, Row signals, Refusal refusal) {}

  Outcome read(ListedRecord listed) {
    try {
      return readRows(listed);
    } catch (WfdbException e) {
      return refused(listed, e.reason().name(), e.getMessage());
    } catch (FileNotFoundException e) {
      return refused(listed, WfdbException.Reason.SIGNAL_FILE_MISSING.name(), e.getMessage());
    } catch (IOException e) {
      return refused(listed, "READ_FAILED", String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      return refused(listed, WfdbException.Reason.HEADER_MALFORMED.name(), e.getMessage());
    }
  }

  private Outcome readRows(ListedRecord listed) throws IOException {
    Path header = new Path(listed.header());
    MessageDigest digest = sha256();
    WfdbFiles files =
        name -> {
          InputStream in = fileSystem.open(new Path(header.getParent(), name));
          return new DigestInputStream(in, digest);
        };
    WfdbHeader read = WfdbReader.readHeader(header.getName(), files);
    // A record whose checksum fails is refused: its samples are not those that were recorded.
    WfdbRecord wfdb = WfdbReader.read(read, files, WfdbReader.ChecksumPolicy.REFUSE);
    EcgSignal signal = wfdb.leads();
    List<Lead> missing = new ArrayList<>(Lead.STANDARD_12);
    missing.removeAll(signal.leads());
    if (!missing.isEmpty()) {
      return refused(
          listed,
          "LEADS_MISSING",
          "Cannot use " + listed.header() + ": it has no lead " + missing + " among 12");
    }
    RecordFacts facts = source.facts(listed, read);
    String named =
        dataset.isEmpty() ? (facts.simulated() ? "simulated" : source.dataset()) : dataset;
    String recordId = named + "/" + listed.name();

    int leads = Lead.STANDARD_12.size();
    Object[] leadValues = new Object[leads];
    Float[] gains = new Float[leads];
    Integer[] invalid = new Integer[leads];
    TreeSet<String> quality = new TreeSet<>();
    for (int i = 0; i < leads; i++) {
      Lead lead = Lead.STANDARD_12.get(i);
      float[] samples = signal.millivolts()[signal.leads().indexOf(lead)];
      int index = wfdb.indexOf(lead);
      var spec = read.signals().get(index);
      leadValues[i] = samples;
      gains[i] = (float) (spec.gainAduPerUnit() / spec.millivoltsPerUnit().orElse(1));
      invalid[i] = wfdb.invalidCount(index);
      if (invalid[i] > 0) {
        quality.add("invalid_samples");
      }
      if (isFlat(samples)) {
        quality.add("flat_lead");
      }
    }
    Optional<Boolean> checksum = wfdb.checksumMatches();
    String[] names = Lead.STANDARD_12.stream().map(Lead::label).toArray(String[]::new);
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
            names,
            listed.header(),
            checksum.orElse(null),
            quality.isEmpty() ? "ok" : String.join("+", quality),
            facts.simulated(),
            facts.stratFold(),
            HexFormat.of().formatHex(digest.digest()));
    Object[] signalValues = new Object[7 + leads];
    signalValues[0] = recordId;
    signalValues[1] = named;
    signalValues[2] = signal.fsHz();
    signalValues[3] = signal.sampleCount();
    signalValues[4] = "mV";
    signalValues[5] = gains;
    signalValues[6] = invalid;
    System.arraycopy(leadValues, 0, signalValues, 7, leads);
    return new Outcome(record, RowFactory.create(signalValues), null);
  }

  private static Outcome refused(ListedRecord listed, String reason, String detail) {
    return new Outcome(null, null, new Refusal(listed.header(), reason, detail));
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

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 in this JVM", e);
    }
  }
}
