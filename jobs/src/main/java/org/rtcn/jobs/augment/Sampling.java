package org.rtcn.jobs.augment;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.rtcn.common.diffusion.BeatGate;
import org.rtcn.common.diffusion.DdpmModel;
import org.rtcn.common.diffusion.DdpmSampler;
import org.rtcn.common.diffusion.IndependentLeads;
import org.rtcn.common.diffusion.NearestBeats;
import org.rtcn.common.diffusion.TrainingBeat;
import org.rtcn.common.dsp.BeatRate;
import org.rtcn.jobs.tables.Table;

/**
 * Draws beats across the executors. The unit of work is a block of one class, always computed
 * alike, so that a row depends on the model, the class and its index alone.
 */
final class Sampling {
  /** Why the gate refused the beat; null if it did not. */
  static final String REFUSAL = "refusal";

  /** Index of the beat in its class. */
  static final String INDEX = "beat_number";

  private Sampling() {}

  /** One block of one class. */
  private static final class Block implements Serializable {
    private static final long serialVersionUID = 1L;
    private final int classIndex;
    private final int number;

    Block(int classIndex, int number) {
      this.classIndex = classIndex;
      this.number = number;
    }
  }

  /** What stands in every row. */
  static final class Constants implements Serializable {
    private static final long serialVersionUID = 1L;
    private final String foldScheme;
    private final boolean simulated;

    Constants(String foldScheme, boolean simulated) {
      this.foldScheme = foldScheme;
      this.simulated = simulated;
    }
  }

  /** Rows of {@link Table#SYNTHETIC_BEATS} and why the gate refused them. */
  static StructType schema() {
    StructType schema = new StructType();
    for (StructField field : Table.SYNTHETIC_BEATS.schema().fields()) {
      schema = schema.add(field.name(), field.dataType(), true);
    }
    return schema.add(REFUSAL, DataTypes.StringType).add(INDEX, DataTypes.IntegerType);
  }

  /**
   * All beats that the plan asks for and the reserve, those refused included (without leads).
   *
   * @param partitions tasks to spread the blocks over
   */
  static Dataset<Row> run(
      SparkSession spark,
      AugmentationPlan plan,
      AugmentOptions options,
      Broadcast<byte[]> model,
      Broadcast<BeatPool> pool,
      Constants constants,
      int partitions) {
    List<Block> blocks = new ArrayList<>();
    for (int k = 0; k < plan.classes().size(); k++) {
      int toMake = plan.classes().get(k).toMake();
      int drawn = (int) Math.ceil(toMake * (1 + options.targets().reserve()));
      for (int b = 0; b < DdpmSampler.blocksFor(drawn, options.ddpm()); b++) {
        blocks.add(new Block(k, b));
      }
    }
    int tasks = Math.max(1, Math.min(partitions, blocks.size()));
    JavaRDD<Row> rows =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(blocks, tasks)
            .mapPartitions(
                own -> new BeatRows(own, options, model.value(), pool.value(), constants));
    return spark.createDataFrame(rows, schema());
  }

  /** The rows of some blocks, one block in memory at a time. */
  private static final class BeatRows implements Iterator<Row> {
    private final Iterator<Block> blocks;
    private final AugmentOptions options;
    private final DdpmModel model;
    private final DdpmSampler sampler;
    private final BeatGate gate;
    private final NearestBeats nearest;
    private final BeatRate rate = new BeatRate(AugmentOptions.RATE_FACTOR);
    private final Constants constants;
    private Iterator<Row> current = Collections.emptyIterator();

    BeatRows(
        Iterator<Block> blocks,
        AugmentOptions options,
        byte[] model,
        BeatPool pool,
        Constants constants) {
      this.blocks = blocks;
      this.options = options;
      this.model = DdpmModel.fromBytes(model);
      this.sampler = new DdpmSampler(this.model);
      List<TrainingBeat> beats = pool.beats();
      this.gate =
          new BeatGate(beats, options.gate().amplitudeMargin(), options.gate().rToleranceSamples());
      this.nearest = new NearestBeats(beats);
      this.constants = constants;
    }

    @Override
    public boolean hasNext() {
      while (!current.hasNext() && blocks.hasNext()) {
        current = sample(blocks.next());
      }
      if (!current.hasNext()) {
        sampler.close();
      }
      return current.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return current.next();
    }

    private Iterator<Row> sample(Block block) {
      long seed = options.ddpm().seed();
      float[][][] beats = sampler.sampleBlock(block.classIndex, block.number, seed);
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < beats.length; i++) {
        int index = block.number * beats.length + i;
        float rr = sampler.rrSeconds(block.classIndex, index, seed);
        rows.add(row(model.classes().get(block.classIndex), index, rr, beats[i]));
      }
      return rows.iterator();
    }

    private Row row(String label, int index, float rr, float[][] beat) {
      Optional<BeatGate.Refusal> refusal = gate.check(beat, label);
      NearestBeats.Nearest neighbour = refusal.isPresent() ? null : nearest.to(beat, label);
      if (neighbour != null && neighbour.isCopy(options.gate().copyShare())) {
        refusal = Optional.of(BeatGate.Refusal.COPY);
      }
      float[][] leads =
          refusal.isPresent() ? new float[12][] : IndependentLeads.complete(rate.raise(beat));
      Object[] values = new Object[schema().length()];
      int at = 0;
      values[at++] = String.format(Locale.ROOT, "%s#%06d", label, index);
      values[at++] = label;
      values[at++] = constants.foldScheme;
      values[at++] = DdpmSampler.seedKey(label, index);
      values[at++] = model.modelId();
      values[at++] = options.transform().beats().fsHz();
      values[at++] = options.transform().beats().samplesBeforeR();
      values[at++] = Float.isNaN(rr) ? null : rr;
      values[at++] = constants.simulated;
      values[at++] = neighbour == null ? null : neighbour.beatId();
      values[at++] = neighbour == null ? null : (float) neighbour.distanceMv();
      boolean others = neighbour != null && Double.isFinite(neighbour.otherPatientMv());
      values[at++] = others ? (float) neighbour.otherPatientMv() : null;
      values[at++] = neighbour == null ? null : (float) neighbour.warpedDistanceMv();
      for (float[] lead : leads) {
        values[at++] = lead;
      }
      values[at++] = refusal.map(Enum::name).orElse(null);
      values[at++] = index;
      return RowFactory.create(values);
    }
  }
}
