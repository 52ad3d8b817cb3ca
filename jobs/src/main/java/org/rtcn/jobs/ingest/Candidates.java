package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.rtcn.common.ecg.RecordException;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.all.EcgFormats;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.InputRoot;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.Refusal;
import org.rtcn.jobs.inputs.TaskFiles;

/**
 * Files that are no WFDB by their names: which of them are ECG, by their content, and which
 * recordings they hold. Looked at in tasks; most are told by their first bytes.
 *
 * @param records of files that are ECG, by name below the root; those of a file of several stand
 *     below its name
 * @param refused files that are named like ECG and are not, or do not open
 * @param formats how many files there are of each format
 * @param others how many files are no ECG: they are passed over
 */
record Candidates(
    Map<String, ListedRecord> records,
    List<Refusal> refused,
    Map<String, Long> formats,
    long others) {

  /** Full paths of the files that are ECG. */
  Set<String> files() {
    return records.values().stream().map(ListedRecord::file).collect(Collectors.toSet());
  }

  /** None. */
  static final Candidates NONE = new Candidates(Map.of(), List.of(), Map.of(), 0);

  /**
   * What a look at a file told.
   *
   * @param format empty where it is no ECG
   * @param parts names of its recordings; one empty name where it holds but one
   * @param refusal why it is refused, null if it is not
   */
  private record Look(ListedRecord file, String format, List<String> parts, Refusal refusal)
      implements Serializable {}

  static Candidates examine(SparkSession spark, String input, HeaderFiles tree) {
    List<ListedRecord> files = tree.others();
    if (files.isEmpty()) {
      return NONE;
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    context.setJobGroup("ingest", "ingest: look for recordings in other formats", true);
    List<List<ListedRecord>> tasks = IngestStage.balanced(files, context.defaultParallelism());
    Broadcast<SerializableConfiguration> configuration =
        context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    List<Look> looks =
        context
            .parallelize(tasks, tasks.size())
            .mapPartitions(task -> looks(task, input, configuration.value()))
            .collect();
    Map<String, ListedRecord> records = new TreeMap<>();
    List<Refusal> refused = new ArrayList<>();
    Map<String, Long> formats = new TreeMap<>();
    Set<String> orphans = new HashSet<>(tree.orphans());
    long others = 0;
    for (Look look : looks) {
      if (look.refusal() != null) {
        refused.add(look.refusal());
        continue;
      }
      if (look.format().isEmpty()) {
        // Of a signal file without a header, rejects will tell.
        others += orphans.contains(look.file().header()) ? 0 : 1;
        continue;
      }
      formats.merge(look.format(), 1L, Long::sum);
      for (String part : look.parts()) {
        ListedRecord record = look.file().part(part, look.parts().size());
        records.put(record.name(), record);
      }
    }
    return new Candidates(records, refused, formats, others);
  }

  private static Iterator<Look> looks(
      Iterator<List<ListedRecord>> tasks, String input, SerializableConfiguration configuration)
      throws IOException {
    InputRoot root = InputRoot.of(input, configuration.value());
    java.nio.file.Path localRoot = root.localRoot();
    List<Look> looks = new ArrayList<>();
    while (tasks.hasNext()) {
      for (ListedRecord file : root.inOrder(tasks.next())) {
        Path path = new Path(file.header());
        TaskFiles files =
            new TaskFiles(root.fileSystem(), path.getParent(), localRoot, TaskFiles.sha256());
        looks.add(look(file, new EcgFile(HeaderFiles.unpacked(path.getName()), files)));
      }
    }
    return looks.iterator();
  }

  private static Look look(ListedRecord listed, EcgFile file) {
    try {
      Optional<EcgReader> reader = EcgFormats.of(file);
      if (reader.isEmpty()) {
        if (EcgFormats.isNamedLikeEcg(file.name())) {
          throw EcgFormats.unknown(file.name());
        }
        return new Look(listed, "", List.of(), null);
      }
      List<String> parts = new ArrayList<>(List.of(""));
      if (reader.get().mayHoldSeveral()) {
        parts.clear();
        try (EcgRecords records = reader.get().read(file, ReadLimits.DEFAULT)) {
          records.parts().forEachRemaining(parts::add);
        }
      }
      return new Look(listed, reader.get().format(), parts, null);
    } catch (RecordException e) {
      return refused(listed, e.code(), e.getMessage());
    } catch (IOException e) {
      return refused(listed, "READ_FAILED", String.valueOf(e.getMessage()));
    }
  }

  private static Look refused(ListedRecord listed, String reason, String detail) {
    return new Look(listed, "", List.of(), new Refusal(listed.header(), reason, detail));
  }
}
