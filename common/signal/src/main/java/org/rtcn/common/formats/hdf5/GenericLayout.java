package org.rtcn.common.formats.hdf5;

import io.jhdf.api.Dataset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.RecordBuilder;
import org.rtcn.common.formats.Voltage;
import org.rtcn.common.formats.matrix.Orientation;
import org.rtcn.common.formats.matrix.Sidecar;

/**
 * The generic layout: each data set of numbers with the attributes {@code fs_hz} and {@code unit}
 * is a recording of two axes (leads by samples or the reverse), or of three a stack of them.
 * Further attributes: {@code scale} (units per step), {@code leads} (names; I, II, III, aVR, aVL,
 * aVF, V1 to V6 without), {@code lead_axis}, and {@code patient}, {@code age}, {@code sex}, {@code
 * recorded_at}, {@code statements}. A {@link Sidecar} that names the {@code dataset} states the
 * same.
 */
final class GenericLayout implements EcgRecords {
  static final String RATE = "fs_hz";
  static final String UNIT = "unit";

  /** A recording: a data set, and which of its stack; -1 for the data set itself. */
  private record Place(String path, Dataset set, int index) {}

  private final Hdf hdf;
  private final Optional<Sidecar> sidecar;
  private final ReadLimits limits;
  private final List<Place> places;

  private GenericLayout(Hdf hdf, Optional<Sidecar> sidecar, ReadLimits limits, List<Place> places) {
    this.hdf = hdf;
    this.sidecar = sidecar;
    this.limits = limits;
    this.places = places;
  }

  /** The data sets that hold recordings, by path. */
  static Map<String, Dataset> datasets(Hdf hdf, Optional<Sidecar> sidecar) throws FormatException {
    Map<String, Dataset> found = new LinkedHashMap<>();
    String wanted =
        sidecar.flatMap(side -> side.text("dataset")).map(GenericLayout::absolute).orElse(null);
    for (Map.Entry<String, Dataset> set : hdf.datasets().entrySet()) {
      boolean marked =
          wanted == null
              ? hdf.number(set.getValue(), RATE).isPresent()
              : set.getKey().equals(wanted);
      if (marked && hdf.shape(set.getValue()).length >= 2) {
        found.put(set.getKey(), set.getValue());
      }
    }
    return found;
  }

  private static String absolute(String path) {
    return path.startsWith("/") ? path : "/" + path;
  }

  static GenericLayout read(
      EcgFile file,
      Hdf hdf,
      Map<String, Dataset> sets,
      Optional<Sidecar> sidecar,
      ReadLimits limits)
      throws FormatException {
    List<Place> places = new ArrayList<>();
    for (Map.Entry<String, Dataset> set : sets.entrySet()) {
      long[] shape = hdf.shape(set.getValue());
      if (shape.length > 3 || (shape.length == 3 && shape[0] > 10_000_000)) {
        throw FormatException.malformed(
            file.name(), set.getKey() + " has the shape " + Arrays.toString(shape));
      }
      for (int i = 0; shape.length == 3 && i < shape[0]; i++) {
        places.add(new Place(set.getKey(), set.getValue(), i));
      }
      if (shape.length == 2) {
        places.add(new Place(set.getKey(), set.getValue(), -1));
      }
    }
    return new GenericLayout(hdf, sidecar, limits, places);
  }

  @Override
  public int count() {
    return places.size();
  }

  @Override
  public String part(int index) {
    if (places.size() == 1) {
      return "";
    }
    Place place = places.get(index);
    String path = place.path().substring(1);
    boolean oneStack = places.stream().allMatch(other -> other.path().equals(place.path()));
    if (oneStack && sidecar.isPresent()) {
      try {
        return sidecar.get().part(index, places.size());
      } catch (FormatException e) {
        // Reading the recording says so.
        return Integer.toString(index);
      }
    }
    return place.index() < 0 ? path : oneStack ? "" + place.index() : path + "/" + place.index();
  }

  @Override
  public EcgRecord get(int index) throws IOException {
    Place place = places.get(index);
    Dataset set = place.set();
    String name = hdf.name() + place.path();
    long[] shape = hdf.shape(set);
    int axes = shape.length;
    Optional<List<String>> leads = leads(set);
    Optional<Double> axis = number(set, "lead_axis");
    Orientation orientation = Orientation.of(name, shape[axes - 2], shape[axes - 1], leads, axis);
    double fsHz = number(set, RATE).orElseThrow(() -> Sidecar.missing(name, "its sampling rate"));
    double step = step(name, set);
    long[] offset = new long[axes];
    int[] lengths = Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
    if (place.index() >= 0) {
      offset[0] = place.index();
      lengths[0] = 1;
    }
    double[] values = hdf.numbers(set, offset, lengths, limits);
    RecordBuilder builder = new RecordBuilder(name, limits, fsHz);
    Optional<Double> missing = number(set, "missing");
    boolean integer = hdf.isInteger(set);
    int count = orientation.leads().size();
    int samples = orientation.samples();
    for (int lead = 0; lead < count; lead++) {
      double[] row = new double[samples];
      for (int i = 0; i < samples; i++) {
        double raw = values[orientation.leadsFirst() ? lead * samples + i : i * count + lead];
        boolean gap = !Double.isFinite(raw) || (missing.isPresent() && raw == missing.get());
        row[i] = gap ? Double.NaN : raw * step;
      }
      builder.add(
          EcgChannel.named(orientation.leads().get(lead), integer ? Math.abs(step) : 0), row);
    }
    return builder.build(part(index), facts(index, set), Optional.empty());
  }

  private Optional<Double> number(Dataset set, String key) throws FormatException {
    Optional<Double> stated = sidecar.isPresent() ? sidecar.get().number(key) : Optional.empty();
    return stated.isPresent() ? stated : hdf.number(set, key);
  }

  private double step(String name, Dataset set) throws FormatException {
    Optional<Double> stated =
        sidecar.isPresent() ? sidecar.get().millivoltsPerStep() : Optional.empty();
    if (stated.isPresent()) {
      return stated.get();
    }
    String unit = hdf.text(set, UNIT).orElseThrow(() -> Sidecar.missing(name, "its unit"));
    return hdf.number(set, "scale").orElse(1.0) * Voltage.required(name, unit);
  }

  private Optional<List<String>> leads(Dataset set) throws FormatException {
    Optional<List<String>> stated = sidecar.isPresent() ? sidecar.get().leads() : Optional.empty();
    if (stated.isPresent()) {
      return stated;
    }
    List<String> names = new ArrayList<>();
    Hdf.collect(hdf.attribute(set, "leads").orElse(null), names);
    if (names.size() == 1) {
      names = Arrays.asList(names.get(0).strip().split("[\\s,]+", 0));
    }
    return names.isEmpty() ? Optional.empty() : Optional.of(names);
  }

  private EcgFacts facts(int index, Dataset set) throws FormatException {
    if (sidecar.isPresent()) {
      return sidecar.get().facts(index, places.size());
    }
    Facts facts = new Facts();
    facts.patientId(hdf.text(set, "patient").orElse(null));
    facts.sex(hdf.text(set, "sex").orElse(null));
    Optional<Double> age = hdf.number(set, "age");
    if (age.isPresent()) {
      facts.age(age.get(), "years");
    }
    facts.recordedAt(Facts.time(hdf.text(set, "recorded_at").orElse(null)));
    List<String> statements = new ArrayList<>();
    Hdf.collect(hdf.attribute(set, "statements").orElse(null), statements);
    statements.forEach(facts::statement);
    return facts.build();
  }

  @Override
  public void close() throws IOException {
    hdf.close();
  }
}
