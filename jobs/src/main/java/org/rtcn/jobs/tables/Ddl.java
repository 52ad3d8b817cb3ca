package org.rtcn.jobs.tables;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.StructField;

/**
 * The tables as other engines declare them, made from {@link Table}. {@code ${RUN}} stands for the
 * run's location.
 */
public final class Ddl {
  private Ddl() {}

  /** External tables for Athena and the Glue catalogue, folds by partition projection. */
  public static String athena() {
    StringBuilder text = new StringBuilder(header(", s3://bucket/prefix"));
    text.append("-- One statement at a time in Athena's editor.\n\n");
    text.append("CREATE DATABASE IF NOT EXISTS rtcn;\n");
    for (Table table : Table.values()) {
      List<String> partitions = table.partitionColumns();
      text.append(
          String.format(
              "%nCREATE EXTERNAL TABLE IF NOT EXISTS rtcn.%s (%n%s%n)%nCOMMENT '%s'%n",
              table.tableName(), columns(table, false), escaped(table.description())));
      if (!partitions.isEmpty()) {
        text.append("PARTITIONED BY (");
        text.append(
            partitions.stream()
                .map(name -> "`" + name + "` " + type(field(table, name)))
                .collect(Collectors.joining(", ")));
        text.append(")\n");
      }
      text.append(
          String.format(
              "STORED AS PARQUET%nLOCATION '${RUN}/tables/%s/'%nTBLPROPERTIES (%n"
                  + "  'rtcn.schema_version' = '%d'",
              table.tableName(), Table.SCHEMA_VERSION));
      if (!partitions.isEmpty()) {
        text.append(",\n  'projection.enabled' = 'true'");
        for (String name : partitions) {
          text.append(
              String.format(
                  ",%n  'projection.%s.type' = 'integer',%n  'projection.%s.range' = '1,100'",
                  name, name));
        }
        text.append(
            String.format(
                ",%n  'storage.location.template' = '${RUN}/tables/%s/%s/'",
                table.tableName(),
                partitions.stream()
                    .map(name -> name + "=${" + name + "}")
                    .collect(Collectors.joining("/"))));
      }
      text.append("\n);\n");
    }
    return text.toString();
  }

  /** Views for {@code spark-sql} and notebooks, with every column's comment. */
  public static String sparkViews() {
    StringBuilder text = new StringBuilder(header(""));
    for (Table table : Table.values()) {
      text.append(
          String.format(
              "%nCREATE OR REPLACE TEMPORARY VIEW %s (%n%s%n)%nUSING parquet"
                  + " OPTIONS (path '${RUN}/tables/%s');%n",
              table.tableName(), columns(table, true), table.tableName()));
    }
    return text.toString();
  }

  /** Views for DuckDB. */
  public static String duckDbViews() {
    StringBuilder text = new StringBuilder(header(""));
    for (Table table : Table.values()) {
      text.append(
          String.format(
              "%n-- %s%nCREATE OR REPLACE VIEW %s AS%nSELECT * FROM"
                  + " read_parquet('${RUN}/tables/%s/**/*.parquet', hive_partitioning = true);%n",
              table.description(), table.tableName(), table.tableName()));
    }
    return text.toString();
  }

  private static String header(String example) {
    return String.format(
        "-- Generated from Table by DdlSparkTest. ${RUN} is the run's location%s.%n", example);
  }

  private static String columns(Table table, boolean withPartitions) {
    return Arrays.stream(table.schema().fields())
        .filter(field -> withPartitions || !table.partitionColumns().contains(field.name()))
        .map(
            field ->
                String.format(
                    "  `%s` %s COMMENT '%s'",
                    field.name(), type(field), escaped(field.getComment().getOrElse(() -> ""))))
        .collect(Collectors.joining(",\n"));
  }

  private static StructField field(Table table, String name) {
    return table.schema().apply(name);
  }

  private static String type(StructField field) {
    return field.dataType().sql().toLowerCase(Locale.ROOT);
  }

  private static String escaped(String text) {
    // Not every engine knows the same escape: a typographic apostrophe needs none.
    return text.replace('\'', '’');
  }
}
