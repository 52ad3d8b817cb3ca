package org.rtcn.jobs.convert;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.RecordBuilder;
import org.rtcn.jobs.transform.Signals;

/** Recordings out of the tables records and signals. */
final class TableRecords {
  private TableRecords() {}

  /** A row of signals joined with its row of records; the source's gains where it has one. */
  static EcgRecord of(Row row) throws IOException {
    EcgSignal signal = Signals.of(row);
    List<Float> gains = row.getList(row.fieldIndex("gain_adu_per_mv"));
    boolean oneStretch = gains != null && gains.size() == Lead.STANDARD_12.size();
    String id = row.getAs("record_id");
    RecordBuilder builder = new RecordBuilder(id, ReadLimits.DEFAULT, signal.fsHz());
    List<Lead> leads = new ArrayList<>(signal.leads());
    for (int i = 0; i < leads.size(); i++) {
      Float gain = oneStretch ? gains.get(Lead.STANDARD_12.indexOf(leads.get(i))) : null;
      float[] samples = signal.millivolts()[i];
      double[] values = new double[samples.length];
      for (int k = 0; k < values.length; k++) {
        values[k] = samples[k];
      }
      builder.add(
          EcgChannel.named(leads.get(i).label(), gain == null || gain <= 0 ? 0 : 1.0 / gain),
          values);
    }
    return builder.build("", facts(row), Optional.empty());
  }

  private static EcgFacts facts(Row row) {
    Facts facts = new Facts();
    String patient = row.getAs("patient_id");
    facts.patientId(patient.substring(patient.indexOf('/') + 1));
    Float age = row.getAs("age_years");
    if (age != null) {
      facts.age(age, "years");
    }
    facts.sex(row.getAs("sex"));
    facts.statement(row.getAs("diagnosis"));
    return facts.build();
  }
}
