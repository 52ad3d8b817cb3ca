package org.rtcn.common.formats.wfdb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.rtcn.common.ecg.LeadNames;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.Head;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.wfdb.LeadReader;
import org.rtcn.common.wfdb.SignalSpec;
import org.rtcn.common.wfdb.WfdbHeader;
import org.rtcn.common.wfdb.WfdbReader;
import org.rtcn.common.wfdb.WfdbReader.ChecksumPolicy;
import org.rtcn.common.wfdb.WfdbRecord;

/** A WFDB record by its header, whole: the leads of one rate. Ingest itself reads by window. */
public final class WfdbEcgReader implements EcgReader {
  @Override
  public String format() {
    return "WFDB";
  }

  /** A line of name and number of signals, then one of file and format. */
  @Override
  public boolean recognises(Head head) {
    List<String> lines =
        head.text(0, 4096)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && line.charAt(0) != '#')
            .limit(2)
            .toList();
    return lines.size() == 2
        && lines.get(0).matches("[^\\s,;]+\\s+\\d+(\\s.*)?")
        && lines.get(1).matches("\\S+\\s+\\d+(x\\d+)?(:\\d+)?(\\+\\d+)?(\\s.*)?")
        && !lines.get(1).matches("[\\d.,;eE+\\s-]+");
  }

  @Override
  public EcgRecords read(EcgFile file, ReadLimits limits) throws IOException {
    WfdbHeader header = WfdbReader.readHeader(file.name(), file.folder());
    WfdbHeader layout = WfdbReader.layout(header, file.folder());
    long samples = layout.frameCount().orElse(0) * (long) Math.max(1, layout.signals().size());
    if (samples > limits.samples()) {
      throw new FormatException(
          Reason.RECORD_TOO_LONG,
          "Cannot read %s at once: it has more than %d samples"
              .formatted(file.name(), limits.samples()));
    }
    WfdbRecord record = WfdbReader.read(header, file.folder(), ChecksumPolicy.REFUSE);
    List<EcgChannel> channels = new ArrayList<>();
    List<double[]> rows = new ArrayList<>();
    int perFrame = 0;
    for (int s = 0; s < record.header().signals().size(); s++) {
      SignalSpec spec = record.header().signals().get(s);
      OptionalDouble millivolts = spec.millivoltsPerUnit();
      if (LeadNames.parse(spec.description()).isEmpty() || millivolts.isEmpty()) {
        continue;
      }
      if (perFrame != 0 && perFrame != spec.samplesPerFrame()) {
        throw new FormatException(
            Reason.RATES_DIFFER,
            "Cannot read " + file.name() + ": its leads have different rates; resample it first");
      }
      perFrame = spec.samplesPerFrame();
      LeadReader.gain(record.header(), spec);
      channels.add(
          EcgChannel.named(
              spec.description(), Math.abs(millivolts.getAsDouble() / spec.gainAduPerUnit())));
      rows.add(record.millivolts(s));
    }
    double[][] all = rows.toArray(new double[0][]);
    EcgRecord read =
        new EcgRecord(
            "",
            header.fsHz() * Math.max(1, perFrame),
            all.length == 0 ? 0 : all[0].length,
            channels,
            facts(header),
            record.checksumMatches(),
            org.rtcn.common.formats.Samples.of(all));
    return EcgRecords.of(EcgRecord.checked(file.name(), read));
  }

  /** What the comments say, as PTB and our own writer have them. */
  public static EcgFacts facts(WfdbHeader header) {
    Facts facts = new Facts();
    facts.age(header.comment("age").orElse(null), "years");
    facts.sex(header.comment("sex").orElse(null));
    facts.patientId(header.comment("patient").orElse(null));
    facts.recordedAt(Facts.time(header.comment("recorded").orElse(null)));
    facts.device(header.comment("device").orElse(null));
    if (header.isSimulated()) {
      facts.statement(EcgFacts.SIMULATED);
    }
    for (String comment : header.comments()) {
      if (comment.startsWith("Statement: ")) {
        facts.statement(comment.substring("Statement: ".length()));
      }
    }
    return facts.build();
  }
}
