package org.rtcn.jobs.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class RowDigestTest {
  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.StringType)
          .add("samples", DataTypes.createArrayType(DataTypes.FloatType, false))
          .add("fold", DataTypes.IntegerType);

  @Test
  void orderAndCutDoNotMatter() {
    RowDigest.Sum together = digest(row("a", 1, 2, 3), row("b", 2, 4), row("b", 2, 4));
    RowDigest.Sum apart = digest(row("b", 2, 4)).plus(digest(row("b", 2, 4), row("a", 1, 2, 3)));
    assertThat(apart).isEqualTo(together);
    assertThat(RowDigest.Sum.of(3, together.hex())).isEqualTo(together);
    assertThat(digest()).isEqualTo(RowDigest.Sum.EMPTY);
  }

  @Test
  void everyOtherContentIsAnother() {
    assertThat(
            List.of(
                digest(row("a", 1, 2, 3)),
                digest(row("b", 1, 2, 3)),
                digest(row("a", 2, 2, 3)),
                digest(row("a", 1, 2, 3, 0)),
                digest(row("a", 1, 3, 2)),
                digest(row("a", 1, 2, Math.nextUp(3f))),
                digest(row("a", 1, 2, -0f), row("a", 1, 2, 0f)),
                digest(row("a", 1, 2, 0f), row("a", 1, 2, 0f)),
                digest(row(null, 1, 2, 3)),
                digest(row("", 1, 2, 3)),
                digest(row("a", 1, 2, 3), row("a", 1, 2, 3)),
                digest(row("a", 1, 2, 3), row("a", 1, 2, 3), row("a", 1, 2, 3))))
        .doesNotHaveDuplicates();
  }

  @Test
  void howARowIsHeldDoesNotMatter() {
    float other = Float.intBitsToFloat(0xffc00001);
    assertThat(Float.floatToRawIntBits(other)).isNotEqualTo(Float.floatToRawIntBits(Float.NaN));
    InternalRow generic =
        new GenericInternalRow(
            new Object[] {
              UTF8String.fromString("a"), new GenericArrayData(new float[] {other, 2}), 1
            });
    assertThat(digest(generic)).isEqualTo(digest(row("a", 1, Float.NaN, 2)));
  }

  @Test
  void othersTypesAreRefused() {
    assertThatThrownBy(() -> new RowDigest(new StructType().add("when", DataTypes.TimestampType)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot digest the column when of type TIMESTAMP");
  }

  private static InternalRow row(String id, int fold, float... samples) {
    return new GenericInternalRow(
        new Object[] {
          UTF8String.fromString(id), UnsafeArrayData.fromPrimitiveArray(samples), fold
        });
  }

  private static RowDigest.Sum digest(InternalRow... rows) {
    RowDigest digest = new RowDigest(SCHEMA);
    for (InternalRow row : rows) {
      digest.add(row);
    }
    return digest.sum();
  }
}
