package org.rtcn.jobs.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.junit.jupiter.api.Test;
import org.rtcn.jobs.tables.Table;
import scala.collection.JavaConverters;

class MeanAnswerTest {
  private static final List<String> CLASSES = List.of("HC", "AMI", "IMI");

  @Test
  void aRecordHasOneAnswerForBothQuestions() {
    // Of either beat HC is the most probable class, and yet an infarct is more probable than none.
    Row mean =
        PredictStage.mean(
            "record", "r", List.of(beat("r#1", 0.4f, 0.3f, 0.3f), beat("r#2", 0.45f, 0.2f, 0.35f)));
    assertThat(mean.getString(8)).isEqualTo("IMI");
    assertThat(mean.getFloat(11)).isEqualTo(0.575f);
  }

  private static Row beat(String id, float... probabilities) {
    Object[] values = {
      "beat",
      id,
      "m",
      "x",
      "r",
      "p",
      null,
      null,
      "HC",
      scala(CLASSES),
      scala(floats(probabilities)),
      0f,
      0.5f,
      false
    };
    return new GenericRowWithSchema(values, Table.PREDICTIONS.schema());
  }

  private static List<Float> floats(float[] values) {
    return List.of(values[0], values[1], values[2]);
  }

  private static Object scala(List<?> values) {
    return JavaConverters.asScalaBuffer(values).toSeq();
  }
}
