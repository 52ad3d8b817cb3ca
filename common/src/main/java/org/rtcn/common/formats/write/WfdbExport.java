package org.rtcn.common.formats.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.wfdb.WfdbWriter;

/** Writes WFDB: integers, gains and missing samples as the source has them. */
final class WfdbExport {
  private WfdbExport() {}

  static List<OutputFile> files(String name, EcgRecord record) throws IOException {
    List<Digitised> channels = Digitised.of(record);
    boolean wide = channels.stream().anyMatch(channel -> channel.largest() > Short.MAX_VALUE);
    List<WfdbWriter.Signal> signals = new ArrayList<>();
    for (Digitised channel : channels) {
      int[] adu =
          wide
              ? channel.adu()
              : Arrays.stream(channel.adu())
                  .map(value -> value == Digitised.MISSING ? Short.MIN_VALUE : value)
                  .toArray();
      signals.add(
          new WfdbWriter.Signal(
              channel.channel().name(), 1, 1 / channel.stepMillivolts(), 0, "mV", adu));
    }
    WfdbWriter.Files files =
        WfdbWriter.write(name, record.fsHz(), wide ? 32 : 16, signals, comments(record.facts()));
    return List.of(
        new OutputFile(files.signalName(), files.signal()),
        new OutputFile(files.headerName(), files.header()));
  }

  private static List<String> comments(EcgFacts facts) {
    List<String> comments = new ArrayList<>();
    facts.ageYears().ifPresent(age -> comments.add("age: " + number(age)));
    facts.sex().ifPresent(sex -> comments.add("sex: " + sex));
    facts.patientId().ifPresent(id -> comments.add("patient: " + id));
    facts.recordedAt().ifPresent(time -> comments.add("recorded: " + time));
    facts.statements().forEach(statement -> comments.add("Statement: " + statement));
    return comments;
  }

  private static String number(float age) {
    return age == Math.rint(age) ? Integer.toString((int) age) : Float.toString(age);
  }
}
