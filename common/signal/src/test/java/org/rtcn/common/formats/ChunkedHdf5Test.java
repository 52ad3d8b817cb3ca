package org.rtcn.common.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.formats.all.EcgFormats;

/**
 * Chunked data sets, which jHDF 0.9.4 does not slice correctly. Both files were made with h5py
 * 3.16.0: {@code ecg}, 2 x 3 x 12 of 16 bits in chunks of 1 x 2 x 5, gzip, {@code fs_hz} 100,
 * {@code unit} uV.
 */
class ChunkedHdf5Test {
  /** Shuffled, the numbers 0 to 71. */
  private static final String NUMBERS =
      "H4sIAAAAAAACA+2XPWzTQBSA39lxcdOUJCWlUAkpCjuKIOVnwtCmBAnRtKFQFuOQ2AlShQRJwDAh"
          + "sZQFIcLfwMbCWKhQYWMEMZWgwsBAqRBDF2aWcLbvmuZIZAQLiPctL+/du/eeX+5OdzcyY+P9weEg"
          + "OKgqBCACG2kyena263zcYJIwOcfkY4nbiTu2jdmjLL7od2IqnXa8mwI8TzLgSRWQ/5FM+lDWkTNM"
          + "56v0ldTuZxZKbesx84d5CfR6sQjX93tS9gw8vcxkiMludplW7syMqNzH+xKFrmzHLsmSG7iP5nF+"
          + "EInHU92dVCnXLGvWXI9PmL1oWrP5qglsm1Br3MsnBWyltUUlN1WrPJrdy/882r5/QTgHOLnjE2PE"
          + "zeoRl3Ft/g7OeUfoqhDPu9gvztcSnuzmr4j5Evz87UxQ0MvMPyzYpS7zr/j4i/XMJdr3hegv1nNf"
          + "+F7i059HPv5iPYtCf4hPf94I30t8+vPRx1+sZ03oD/Hpz/dE5z7y8yDsUx+CIAiCIAjydxPi71Do"
          + "oXdcFazKmfJV5/4aP8jeZhqk+iDVlDvdZ09rITru2RV3fu38uaqjbyfEfflF1ueoP90/tYFWzCOj"
          + "E8fIhueieE+tnWyv+0MY/zsEQRAEQRAEQRAE+dew9YJRPGutrHxZHTKuyRA4DJPUZha+forFBrZG"
          + "TWrbdBSu2/rqZ8swIltKWg8EDsCorddv3bl9L68p0LvLGa/frZ/KFqka/AYPbT03Zb0EUKZhnP6e"
          + "nM69TyZTu/fmabjhzeSFrTfevV1eGhnZszhfpLYdg2SN2holw5h/atEU/a+hYesLT54tXDZozMFl"
          + "ss/WK9WLly6YVB16QLJUrZRoiuAS3PwBYyFQZwYjAAA=";

  /** Zeros; the last chunk inflates to 8 MiB where 20 bytes are wanted. */
  private static final String BOMB =
      "H4sIAAAAAAACA+3buy8EQRwH8N/s3rLuiCVbeBROImpEQjROOC4iCCJUCOeRiAaJqC7R0PkD/AE6"
          + "rZJoVGqPklLoFc7uPJwd1gqJeHw/ze9m7rczv8zt7BFjJ9PTWxaviZPPtilGDr2Ul9z+YFu9Py0j"
          + "k3Fbxn1D9TP+XpXsr5Dj63ljI+m0n53XqHmaYiLaBP9RJt017McJ2VZ36akRzMvOLgTux8wX52VU"
          + "IsZiqt0uoik61PSmjKUyhvU7snK3Jbh/LO/O9kc0TIMPnKAkb7PneW2+k+ay88sza1mS28HrTYp5"
          + "jNiGVdiKBh+yUIY3v6ybisj1rppfnVrc9PdjslPuqRS1Jqg1bwb3szCZUq9GB4d6GK9GSJq4Nz/D"
          + "f94x71PRn3eJD15/WCFiWL6ltU8i8uNa+ywk3wi5/iIiX6/nJiJfr+dey2cR6/MQka/XY1W+n6/X"
          + "44Tkh61PbUS+Xk+jzL+ueztfr6e58u11VM+J8oj6AAAAAOBn29ibnT7yfrhziX3zy8vbY/5LaW73"
          + "8eDOjuOjAAAAAAAAAPjrcldbJv+TUn1+qq0B6wEAAAAAAADwC+xZxTliJjn8vKljq/Oi4sx6KaV4"
          + "ZGTxM+TrK0trfruaMZ7hkDqnass8wR/D7aBAHwAAAPwsfd1DA6zwtf/qf0/Wx4P55+VYMwAAAAAA"
          + "AIDf5gn4j6PYFEoAAA==";

  @Test
  void everyChunkIsRead() throws IOException {
    try (EcgRecords records = read(NUMBERS)) {
      assertThat(records.count()).isEqualTo(2);
      for (int stacked = 0; stacked < 2; stacked++) {
        EcgRecord record = records.get(stacked);
        double[][] rows = record.read(0, 3);
        for (int lead = 0; lead < 12; lead++) {
          for (int i = 0; i < 3; i++) {
            double stored = 36 * stacked + 12 * i + lead;
            assertThat(rows[lead][i]).isEqualTo(stored * 1e-3);
          }
        }
      }
    }
  }

  @Test
  void aChunkInflatesToItsSizeAtMost() throws IOException {
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (EcgRecords records = read(BOMB)) {
      long before = thread.getCurrentThreadAllocatedBytes();
      assertThat(records.get(1).read(0, 3)[11]).containsOnly(0);
      assertThat(thread.getCurrentThreadAllocatedBytes() - before).isLessThan(4 << 20);
    }
  }

  @Test
  void aDamagedChunkCostsItsRecordingAlone() throws IOException {
    byte[] file = bytes(NUMBERS);
    // The first chunk's zlib mark.
    int at = 0;
    while (file[at] != 0x78 || file[at + 1] != 0x5e) {
      at++;
    }
    file[at] = 0;
    try (EcgRecords records =
        EcgFormats.read(GoldenFiles.inMemory("x.h5", file), ReadLimits.DEFAULT)) {
      assertThatThrownBy(() -> records.get(0))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("does not inflate");
      assertThat(records.get(1).sampleCount()).isEqualTo(3);
    }
  }

  /** LZ4 and bitshuffle, which end in native or unchecked memory. */
  @ParameterizedTest
  @ValueSource(ints = {32004, 32008})
  void onlyFiltersThatStayWithinBoundsAreRun(int filter) throws IOException {
    byte[] file = bytes(NUMBERS);
    int at = new String(file, StandardCharsets.ISO_8859_1).indexOf("deflate\0") - 8;
    assertThat(file[at]).isEqualTo((byte) 1);
    file[at] = (byte) filter;
    file[at + 1] = (byte) (filter >> 8);
    assertThatThrownBy(
            () -> {
              try (EcgRecords records =
                  EcgFormats.read(GoldenFiles.inMemory("x.h5", file), ReadLimits.DEFAULT)) {
                records.get(0).read(0, 3);
              }
            })
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("data behind filter " + filter);
  }

  private static EcgRecords read(String text) throws IOException {
    return EcgFormats.read(GoldenFiles.inMemory("x.h5", bytes(text)), ReadLimits.DEFAULT);
  }

  private static byte[] bytes(String text) throws IOException {
    return new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(text)))
        .readAllBytes();
  }
}
