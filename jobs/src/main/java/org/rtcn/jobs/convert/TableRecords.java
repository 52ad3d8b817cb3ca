package org.rtcn.jobs.convert;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.RecordBuilder;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.Signals;

/** Recordings out of the tables records and signals. */
final class TableRecords {
  private TableRecords() {}

  /**
   * Converts all recordings of a run, one after another; windows of a long recording are recordings
   * of their own. In the order of their ids, so that names that collide get the same numbers each
   * time.
   */
  static void convert(StageContext context, Conversion conversion) {
    Dataset<Row> facts =
        context
            .run()
            .read(context.spark(), Table.RECORDS)
            .select("record_id", "patient_id", "age_years", "sex", "diagnosis", "simulated");
    Iterator<Row> rows =
        context
            .run()
            .read(context.spark(), Table.SIGNALS)
            .join(facts, "record_id")
            .orderBy("record_id")
            .toLocalIterator();
    while (rows.hasNext()) {
      Row row = rows.next();
      conversion.record(row.getAs("record_id"), () -> of(row));
    }
  }

  /** A row of signals joined with its row of records; the source's gains where it has one. */
  static EcgRecord of(Row row) throws IOException {
    EcgSignal signal = Signals.of(row);
    int count = signal.sampleCount();
    List<Float> gains = row.getList(row.fieldIndex("gain_adu_per_mv"));
    boolean oneStretch = gains != null && gains.size() == Lead.STANDARD_12.size();
    String id = row.getAs("record_id");
    RecordBuilder builder = new RecordBuilder(id, ReadLimits.DEFAULT, signal.fsHz());
    for (Lead lead : Lead.values()) {
      int column = row.fieldIndex(LeadColumns.name(lead));
      if (row.isNullAt(column)) {
        continue;
      }
      int standard = Lead.STANDARD_12.indexOf(lead);
      Float gain = oneStretch && standard >= 0 ? gains.get(standard) : null;
      float[] samples = Signals.floats(row, column);
      double[] values = new double[count];
      for (int k = 0; k < count; k++) {
        values[k] = samples[k];
      }
      builder.add(
          EcgChannel.named(lead.label(), gain == null || gain <= 0 ? 0 : 1.0 / gain), values);
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
    if (row.<Boolean>getAs("simulated")) {
      facts.statement(EcgFacts.SIMULATED);
    }
    String diagnosis = row.getAs("diagnosis");
    if (diagnosis != null) {
      for (String statement : diagnosis.split("; ", -1)) {
        facts.statement(statement);
      }
    }
    return facts.build();
  }
}
