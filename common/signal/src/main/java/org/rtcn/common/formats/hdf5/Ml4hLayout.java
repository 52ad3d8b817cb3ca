package org.rtcn.common.formats.hdf5;

import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.RecordBuilder;

/**
 * ml4h's tensors of UK Biobank, one file per person: {@code ukb_ecg_rest/strip_LEAD/instance_K},
 * 500 Hz, steps of 5 microvolts.
 */
final class Ml4hLayout implements EcgRecords {
  static final String UK_BIOBANK = "ukb_ecg_rest";
  static final String PARTNERS = "partners_ecg_rest";
  private static final String STRIP = "strip_";
  private static final double UK_BIOBANK_FS_HZ = 500;
  private static final double UK_BIOBANK_STEP = 0.005;

  private final Hdf hdf;
  private final String patient;
  private final ReadLimits limits;
  private final List<String> parts;

  private Ml4hLayout(Hdf hdf, String patient, ReadLimits limits, List<String> parts) {
    this.hdf = hdf;
    this.patient = patient;
    this.limits = limits;
    this.parts = parts;
  }

  static Ml4hLayout read(EcgFile file, Hdf hdf, ReadLimits limits) throws FormatException {
    TreeSet<String> parts = new TreeSet<>();
    for (Map.Entry<String, Node> child : hdf.children(UK_BIOBANK).entrySet()) {
      if (child.getKey().startsWith(STRIP)) {
        parts.addAll(hdf.children(UK_BIOBANK, child.getKey()).keySet());
      }
    }
    if (parts.isEmpty()) {
      throw new FormatException(
          Reason.EMPTY, "Cannot use " + file.name() + ": its " + UK_BIOBANK + " holds no strip");
    }
    return new Ml4hLayout(hdf, file.stem(), limits, List.copyOf(parts));
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
    String instance = parts.get(index);
    RecordBuilder builder = new RecordBuilder(hdf.name(), limits, UK_BIOBANK_FS_HZ);
    Facts facts = new Facts().patientId(patient);
    for (String child : hdf.children(UK_BIOBANK).keySet()) {
      Node node = hdf.children(UK_BIOBANK, child).get(instance);
      if (child.startsWith(STRIP) && node instanceof Dataset set) {
        double[] values = scaled(hdf.numbers(set, limits), UK_BIOBANK_STEP);
        builder.add(EcgChannel.named(child.substring(STRIP.length()), UK_BIOBANK_STEP), values);
        date(set, facts);
      }
    }
    Node text = hdf.children(UK_BIOBANK).get("ecg_rest_text");
    List<Node> texts = new ArrayList<>();
    if (text instanceof Group) {
      Node own = hdf.children(UK_BIOBANK, "ecg_rest_text").get(instance);
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
          LocalDateTime.ofInstant(
              Instant.ofEpochSecond(seconds.get().longValue()), ZoneOffset.UTC));
    }
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
