package org.rtcn.common.formats.hdf5;

import io.airlift.compress.zstd.ZstdDecompressor;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.LeadNames;
import org.rtcn.common.formats.Numbers;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.RecordBuilder;

/**
 * ml4h's tensors, one file per person. UK Biobank: {@code ukb_ecg_rest/strip_LEAD/instance_K}, 500
 * Hz, steps of 5 microvolts. Partners: {@code partners_ecg_rest/TIME/LEAD}, 16-bit microvolts in
 * opaque bytes compressed with zstd, of 10 s.
 */
final class Ml4hLayout implements EcgRecords {
  static final String UK_BIOBANK = "ukb_ecg_rest";
  static final String PARTNERS = "partners_ecg_rest";
  private static final String STRIP = "strip_";
  private static final double UK_BIOBANK_FS_HZ = 500;
  private static final double UK_BIOBANK_STEP = 0.005;
  private static final double PARTNERS_SECONDS = 10;
  private static final double MICROVOLT = 1e-3;

  private final Hdf hdf;
  private final String root;
  private final String patient;
  private final ReadLimits limits;
  private final List<String> parts;

  private Ml4hLayout(Hdf hdf, String root, String patient, ReadLimits limits, List<String> parts) {
    this.hdf = hdf;
    this.root = root;
    this.patient = patient;
    this.limits = limits;
    this.parts = parts;
  }

  static Ml4hLayout read(EcgFile file, Hdf hdf, String root, ReadLimits limits)
      throws FormatException {
    TreeSet<String> parts = new TreeSet<>();
    for (Map.Entry<String, Node> child : hdf.children(root).entrySet()) {
      if (root.equals(PARTNERS)) {
        parts.add(child.getKey());
      } else if (child.getKey().startsWith(STRIP)) {
        parts.addAll(hdf.children(root, child.getKey()).keySet());
      }
    }
    if (parts.isEmpty()) {
      throw new FormatException(
          Reason.EMPTY, "Cannot use " + file.name() + ": its " + root + " holds no strip");
    }
    return new Ml4hLayout(hdf, root, file.stem(), limits, List.copyOf(parts));
  }

  @Override
  public int count() {
    return parts.size();
  }

  @Override
  public String part(int index) {
    return parts.size() == 1 ? "" : parts.get(index);
  }

  @Override
  public EcgRecord get(int index) throws IOException {
    return root.equals(PARTNERS) ? partners(index) : ukBiobank(index);
  }

  private EcgRecord ukBiobank(int index) throws IOException {
    String instance = parts.get(index);
    RecordBuilder builder = new RecordBuilder(hdf.name(), limits, UK_BIOBANK_FS_HZ);
    Facts facts = new Facts().patientId(patient);
    for (String child : hdf.children(root).keySet()) {
      Node node = hdf.children(root, child).get(instance);
      if (child.startsWith(STRIP) && node instanceof Dataset set) {
        double[] values = scaled(hdf.numbers(set, limits), UK_BIOBANK_STEP);
        builder.add(EcgChannel.named(child.substring(STRIP.length()), UK_BIOBANK_STEP), values);
        date(set, facts);
      }
    }
    Node text = hdf.children(root).get("ecg_rest_text");
    List<Node> texts = new ArrayList<>();
    if (text instanceof Group) {
      Node own = hdf.children(root, "ecg_rest_text").get(instance);
      texts.add(own);
    } else if (text != null) {
      texts.add(text);
    }
    for (Node node : texts) {
      if (node != null) {
        hdf.texts(node).forEach(facts::statement);
        date(node, facts);
      }
    }
    return builder.build(part(index), facts.build(), Optional.empty());
  }

  private void date(Node node, Facts facts) throws FormatException {
    Optional<Double> seconds = hdf.number(node, "date");
    if (seconds.isPresent() && Math.abs(seconds.get()) < 1e11) {
      facts.recordedAt(
          LocalDateTime.ofInstant(Instant.ofEpochSecond(seconds.get().longValue()), ZoneOffset.UTC));
    }
  }

  private EcgRecord partners(int index) throws IOException {
    String time = parts.get(index);
    Map<String, double[]> rows = new TreeMap<>();
    Facts facts = new Facts().patientId(patient).recordedAt(Facts.time(time));
    for (Map.Entry<String, Node> child : hdf.children(root, time).entrySet()) {
      if (!(child.getValue() instanceof Dataset set)) {
        continue;
      }
      if (LeadNames.parse(child.getKey()).isPresent()) {
        rows.put(child.getKey(), scaled(opaque(set), MICROVOLT));
      }
    }
    int longest = rows.values().stream().mapToInt(row -> row.length).max().orElse(0);
    RecordBuilder builder =
        new RecordBuilder(hdf.name(), limits, longest / PARTNERS_SECONDS);
    for (Map.Entry<String, double[]> row : rows.entrySet()) {
      builder.add(EcgChannel.named(row.getKey(), MICROVOLT), row.getValue());
    }
    return builder.build(part(index), facts.build(), Optional.empty());
  }

  /** 16-bit integers in bytes, compressed as the attribute {@code method} says. */
  private double[] opaque(Dataset set) throws FormatException {
    String method = hdf.text(set, "method").orElse("none");
    String type = hdf.text(set, "dtype").orElse("int16");
    if (!type.matches("<?i2|int16") || !(method.equals("zstd") || method.equals("none"))) {
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: %s holds %s compressed with %s; int16 with zstd is read"
              .formatted(hdf.name(), set.getPath(), type, method));
    }
    byte[] bytes = Hdf.guarded(hdf.name(), () -> bytes(set));
    if (method.equals("zstd")) {
      double stated = hdf.number(set, "uncompressed_length").orElse(-1.0);
      if (!(stated >= 0 && stated <= 2.0 * limits.samples())) {
        throw FormatException.malformed(
            hdf.name(), set.getPath() + " would have " + stated + " bytes uncompressed");
      }
      byte[] compressed = bytes;
      byte[] plain = new byte[(int) stated];
      int length =
          Hdf.guarded(
              hdf.name(),
              () ->
                  new ZstdDecompressor()
                      .decompress(compressed, 0, compressed.length, plain, 0, plain.length));
      bytes = Arrays.copyOf(plain, length);
    }
    return Numbers.int16(bytes, 1);
  }

  private static byte[] bytes(Dataset set) {
    if (set.getSizeInBytes() > 1 << 27) {
      throw new IllegalArgumentException(set.getSizeInBytes() + " bytes");
    }
    Object data = set.getData();
    if (data instanceof byte[] flat) {
      return flat;
    }
    if (data instanceof java.nio.ByteBuffer buffer) {
      byte[] copy = new byte[buffer.remaining()];
      buffer.get(copy);
      return copy;
    }
    if (data instanceof Object[] many && many.length == 1 && many[0] instanceof byte[] only) {
      return only;
    }
    throw new IllegalArgumentException("elements of " + data.getClass().getSimpleName());
  }

  private static double[] scaled(double[] values, double step) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Double.isFinite(values[i]) ? values[i] * step : Double.NaN;
    }
    return values;
  }

  @Override
  public void close() throws IOException {
    hdf.close();
  }
}
