package org.rtcn.jobs.transform;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.tables.PlainRows;

/** Reads the twelve lead columns of a row. */
public final class Signals {
  private Signals() {}

  /** The leads that the row holds (a null column is an absent lead), in table order. */
  public static EcgSignal of(Row row) {
    List<Lead> leads = new ArrayList<>();
    List<float[]> millivolts = new ArrayList<>();
    for (Lead lead : Lead.STANDARD_12) {
      int column = row.fieldIndex(LeadColumns.name(lead));
      if (!row.isNullAt(column)) {
        leads.add(lead);
        millivolts.add(floats(row, column));
      }
    }
    return new EcgSignal(row.getAs("fs_hz"), leads, millivolts.toArray(new float[0][]));
  }

  /** An {@code array<float>} column; of {@link PlainRows} the row's own array, not a copy. */
  public static float[] floats(Row row, int column) {
    if (row.get(column) instanceof float[] plain) {
      return plain;
    }
    List<Float> values = row.getList(column);
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }
}
