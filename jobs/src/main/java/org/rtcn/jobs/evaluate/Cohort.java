package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.struct;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.rtcn.common.metrics.PatientBootstrap;
import org.rtcn.common.report.CohortSection;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;

/**
 * Who the patients are: a study's "Table 1". Sex, age and label of a patient are those of the first
 * of their recordings by id, as everywhere in the evaluation.
 */
final class Cohort {
  private Cohort() {}

  private record Patient(Optional<String> sex, Optional<Double> age, String label, long records) {}

  /**
   * The table.
   *
   * @param groups patients by the name of their group, in the order of the columns; empty groups
   *     are left out
   * @param classes the rows that count labels
   * @return nothing where no table of recordings tells
   */
  static Optional<CohortSection> of(
      StageContext context, Map<String, Set<String>> groups, List<String> classes) {
    if (!context.run().has(Table.RECORDS)) {
      return Optional.empty();
    }
    Map<String, Patient> known = patients(context);
    Map<String, List<Patient>> members = new LinkedHashMap<>();
    groups.forEach(
        (name, ids) -> {
          List<Patient> of = ids.stream().map(known::get).filter(Objects::nonNull).toList();
          if (!of.isEmpty()) {
            members.put(name, of);
          }
        });
    if (members.isEmpty()) {
      return Optional.empty();
    }
    List<CohortSection.Row> rows = new ArrayList<>();
    rows.add(row("patients", members, of -> number(of.size())));
    rows.add(
        row(
            "recordings",
            members,
            of -> number(of.stream().mapToLong(patient -> patient.records).sum())));
    rows.add(row("women", members, of -> share(of, "female")));
    rows.add(row("men", members, of -> share(of, "male")));
    rows.add(row("sex unknown", members, Cohort::unknownSex));
    rows.add(row("age, median (quartiles)", members, Cohort::age));
    rows.add(
        row(
            "age unknown",
            members,
            of -> number(of.stream().filter(patient -> patient.age.isEmpty()).count())));
    for (String name : classes) {
      rows.add(
          row(
              name,
              members,
              of ->
                  shared(
                      of.stream().filter(patient -> patient.label.equals(name)).count(),
                      of.size())));
    }
    return Optional.of(new CohortSection(List.copyOf(members.keySet()), rows));
  }

  private static Map<String, Patient> patients(StageContext context) {
    Map<String, Patient> patients = new TreeMap<>();
    for (Row row :
        context
            .run()
            .read(context.spark(), Table.RECORDS)
            .groupBy("patient_id")
            .agg(
                min(struct(col("record_id"), col("sex"), col("age_years"), col("label")))
                    .as("first"),
                count(lit(1)).as("records"))
            .collectAsList()) {
      Row first = row.getStruct(1);
      patients.put(
          row.getString(0),
          new Patient(
              Optional.ofNullable(first.getString(1)),
              first.isNullAt(2) ? Optional.empty() : Optional.of((double) first.getFloat(2)),
              first.getString(3),
              row.getLong(2)));
    }
    return patients;
  }

  @FunctionalInterface
  private interface Cell {
    String of(List<Patient> patients);
  }

  private static CohortSection.Row row(String name, Map<String, List<Patient>> members, Cell cell) {
    return new CohortSection.Row(name, members.values().stream().map(cell::of).toList());
  }

  private static String share(List<Patient> patients, String sex) {
    return shared(
        patients.stream().filter(patient -> patient.sex.equals(Optional.of(sex))).count(),
        patients.size());
  }

  private static String unknownSex(List<Patient> patients) {
    return number(
        patients.stream()
            .filter(patient -> !patient.sex.map(s -> s.matches("male|female")).orElse(false))
            .count());
  }

  private static String age(List<Patient> patients) {
    double[] ages =
        patients.stream()
            .flatMap(patient -> patient.age.stream())
            .mapToDouble(Double::doubleValue)
            .sorted()
            .toArray();
    if (ages.length == 0) {
      return "–";
    }
    return String.format(
        Locale.ROOT,
        "%.0f (%.0f to %.0f)",
        PatientBootstrap.quantile(ages, 0.5),
        PatientBootstrap.quantile(ages, 0.25),
        PatientBootstrap.quantile(ages, 0.75));
  }

  private static String shared(long hits, long of) {
    return String.format(Locale.ROOT, "%s (%.0f %%)", number(hits), 100.0 * hits / of);
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value).replace(',', '\u2009');
  }
}
