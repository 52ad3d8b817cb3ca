package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.rtcn.common.ecg.EcgSignal;

/**
 * Synthetic beats next to the recorded ones that they lie nearest to.
 *
 * @param rows one per class
 * @param simulated whether the recorded ones are simulated
 */
public record GallerySection(List<Row> rows, boolean simulated) implements Section {
  /** A beat of the gallery. */
  public record Beat(String id, String note, EcgSignal window, int rSample) {}

  /** Real and synthetic beats of one class. */
  public record Row(String className, List<Beat> real, List<Beat> synthetic) {
    public Row {
      real = List.copyOf(real);
      synthetic = List.copyOf(synthetic);
    }
  }

  public GallerySection {
    rows = List.copyOf(rows);
  }

  @Override
  public String id() {
    return "gallery";
  }

  @Override
  public String heading() {
    return "Real and synthetic beats";
  }

  @Override
  public String html() {
    return Templates.fill("gallery.ftlh", Map.of("rows", view(), "simulated", simulated));
  }

  private List<Map<String, Object>> view() {
    List<Map<String, Object>> views = new ArrayList<>();
    for (Row row : rows) {
      views.add(
          Map.of(
              "className",
              row.className(),
              "words",
              Views.className(row.className()),
              "real",
              gallery("real-" + views.size(), "Real beat ", row.real()),
              "synthetic",
              gallery("synthetic-" + views.size(), "Synthetic beat ", row.synthetic())));
    }
    return views;
  }

  private static List<Map<String, String>> gallery(String id, String what, List<Beat> beats) {
    List<Map<String, String>> views = new ArrayList<>();
    for (Beat beat : beats) {
      views.add(
          Map.of(
              "id",
              beat.id(),
              "note",
              beat.note(),
              "svg",
              EcgDrawing.smallBeat(
                  id + "-" + views.size(),
                  what + beat.id(),
                  beat.window(),
                  beat.rSample(),
                  List.of())));
    }
    return views;
  }
}
