package org.rtcn.jobs.simulate;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.rtcn.common.simulate.EcgSimulator;
import org.rtcn.common.simulate.SimulatedRecord;
import org.rtcn.common.simulate.SimulationOptions;
import org.rtcn.common.wfdb.WfdbWriter;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;

/** Writes simulated patients as WFDB records below {@code RUN/raw}, each patient by one task. */
public final class SimulateStage {
  /** Where the records go, below the run. */
  public static final String RAW = "raw";

  private static final int PATIENTS_PER_TASK = 16;

  private SimulateStage() {}

  /** Runs the stage. */
  public static Manifest run(StageContext context, SimulationOptions options) {
    StagePlan plan =
        StagePlan.named(
                "simulate", "simulated ECG of " + options.patientCount() + " patients (WFDB)")
            .owns(RAW)
            .reads(context.settings().flatten("seed", "simulate"));
    return StageRunner.run(context, plan, output -> write(context, options, output));
  }

  private static void write(StageContext context, SimulationOptions options, StageOutput output) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
    int patients = options.patientCount();
    int tasks = (patients + PATIENTS_PER_TASK - 1) / PATIENTS_PER_TASK;
    Broadcast<SerializableConfiguration> configuration =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    String root = output.stagedPath(RAW).toString();
    List<String> names =
        spark
            .parallelize(
                IntStream.rangeClosed(1, patients).boxed().toList(),
                Math.max(tasks, Math.min(patients, spark.defaultParallelism())))
            .mapPartitions(numbers -> writePatients(numbers, options, root, configuration.value()))
            .collect();
    List<String> sorted = new ArrayList<>(names);
    sorted.sort(null);
    // PhysioNet's list of records, which WFDB tools read.
    output.write(
        RAW + "/RECORDS", (String.join("\n", sorted) + "\n").getBytes(StandardCharsets.UTF_8));
    output.write(
        RAW + "/SIMULATED.txt",
        ("These recordings are simulated (rtcn-spark simulate, seed "
                + options.seed()
                + "). They are not recordings of persons.\n")
            .getBytes(StandardCharsets.UTF_8));
    output.count("patients", patients);
    output.count("records", sorted.size());
    output.simulated(true);
  }

  private static Iterator<String> writePatients(
      Iterator<Integer> numbers,
      SimulationOptions options,
      String root,
      SerializableConfiguration configuration)
      throws IOException {
    Path folder = new Path(root);
    FileSystem fileSystem = folder.getFileSystem(configuration.value());
    fileSystem.setWriteChecksum(false);
    EcgSimulator simulator = new EcgSimulator(options);
    List<String> names = new ArrayList<>();
    while (numbers.hasNext()) {
      for (SimulatedRecord record : simulator.recordsOf(numbers.next())) {
        Path patient = new Path(folder, record.patientName());
        WfdbWriter.Files files = record.files();
        create(fileSystem, new Path(patient, files.signalName()), files.signal());
        create(fileSystem, new Path(patient, files.headerName()), files.header());
        names.add(record.patientName() + "/" + record.recordName());
      }
    }
    return names.iterator();
  }

  /** A task that is tried again writes the same bytes over those of the first try. */
  private static void create(FileSystem fileSystem, Path path, byte[] content) throws IOException {
    try (OutputStream out = fileSystem.create(path, true)) {
      out.write(content);
    }
  }
}
