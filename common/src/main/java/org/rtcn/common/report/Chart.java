package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jetbrains.letsPlot.commons.geometry.DoubleVector;
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon;

/**
 * Line charts by Lets-Plot, as SVG text. Lets-Plot measures text by its own tables, so that neither
 * AWT nor fonts take part.
 */
final class Chart {
  /** Okabe and Ito's palette without its yellow, which is too faint for lines on white. */
  /** From here on the number of cases stands left of its point, or it would be cut off. */
  private static final double RIGHTMOST_LABEL = 0.85;

  private static final double LABEL_GAP = 0.02;

  private static final List<String> COLOURS =
      List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000");

  private static final Pattern IDENTIFIER =
      Pattern.compile("(?:id=\"|#)([A-Za-z][A-Za-z0-9]{6})\\b");
  private static final Pattern SIZE =
      Pattern.compile(
          "(<svg[^>]*class=\"plt-container\") width=\"([0-9.]+)\" height=\"([0-9.]+)\"");

  /** One line of a chart. */
  record Series(String name, List<Double> x, List<Double> y) {
    Series {
      x = List.copyOf(x);
      y = List.copyOf(y);
      if (x.size() != y.size()) {
        throw new IllegalArgumentException(
            "Invalid series " + name + ": " + x.size() + " x but " + y.size() + " y");
      }
    }
  }

  /** What joins the points. */
  enum Form {
    LINE,
    LINE_AND_POINTS,
    /** Series of one point as points. */
    LINE_AND_LONE_POINTS
  }

  private final String id;
  private final String title;
  private final String xLabel;
  private final String yLabel;
  private final Map<String, List<Object>> limits = new HashMap<>();
  private final List<Object> layers = new ArrayList<>();
  private final List<Object> scales = new ArrayList<>();
  private final List<String> summary = new ArrayList<>();
  private Map<String, Object> named;

  Chart(String id, String title, String xLabel, String yLabel) {
    this.id = id;
    this.title = title;
    this.xLabel = xLabel;
    this.yLabel = yLabel;
  }

  /** Adds lines, each in its own colour and dash. */
  Chart lines(List<Series> series, Form form) {
    Map<String, Object> data = new LinkedHashMap<>();
    List<Object> x = new ArrayList<>();
    List<Object> y = new ArrayList<>();
    List<Object> name = new ArrayList<>();
    for (Series s : series) {
      x.addAll(s.x());
      y.addAll(s.y());
      for (int i = 0; i < s.x().size(); i++) {
        name.add(s.name());
      }
      if (!s.y().isEmpty()) {
        summary.add(
            String.format(
                Locale.ROOT,
                "%s: %.3g at %.3g to %.3g at %.3g",
                s.name(),
                s.y().get(0),
                s.x().get(0),
                s.y().get(s.y().size() - 1),
                s.x().get(s.x().size() - 1)));
      }
    }
    data.put("x", x);
    data.put("y", y);
    data.put("series", name);
    Map<String, Object> mapping = new HashMap<>();
    mapping.put("x", "x");
    mapping.put("y", "y");
    mapping.put("color", "series");
    mapping.put("linetype", "series");
    layers.add(layer("path", data, mapping, Map.of("size", 1.1)));
    if (form == Form.LINE_AND_LONE_POINTS) {
      layers.add(lonePoints(series));
    }
    if (form == Form.LINE_AND_POINTS) {
      Map<String, Object> plain = new HashMap<>(mapping);
      plain.remove("linetype");
      layers.add(layer("point", data, plain, Map.of("size", 2.5)));
    }
    Map<String, Object> colour = new HashMap<>();
    colour.put("aesthetic", "color");
    colour.put("name", "");
    colour.put("values", cycled(COLOURS, series.size()));
    // A legend that outgrows the chart is cut off; one name needs no legend next to the title.
    Object guide = series.size() < 2 ? "none" : new HashMap<>(Map.of("name", "legend", "ncol", 3));
    colour.put("guide", guide);
    scales.add(colour);
    Map<String, Object> dash = new HashMap<>();
    dash.put("aesthetic", "linetype");
    dash.put("name", "");
    dash.put("guide", guide);
    dash.put(
        "values",
        cycled(
            List.of("solid", "dashed", "dotdash", "longdash", "twodash", "dotted"), series.size()));
    scales.add(dash);
    return this;
  }

  private static Map<String, Object> lonePoints(List<Series> series) {
    List<Object> x = new ArrayList<>();
    List<Object> y = new ArrayList<>();
    List<Object> name = new ArrayList<>();
    for (Series s : series) {
      if (s.x().size() == 1) {
        x.add(s.x().get(0));
        y.add(s.y().get(0));
        name.add(s.name());
      }
    }
    return layer(
        "point",
        Map.of("x", x, "y", y, "series", name),
        Map.of("x", "x", "y", "y", "color", "series"),
        Map.of("size", 5));
  }

  /**
   * A value with its interval at a place of the x-axis.
   *
   * @param cases how many cases it rests on
   */
  record Bar(double x, double value, double low, double high, long cases) {}

  /** Adds values with vertical intervals; the number of cases is next to each. */
  Chart intervals(List<Bar> bars) {
    Map<String, Object> data = new LinkedHashMap<>();
    List<Object> x = new ArrayList<>();
    List<Object> y = new ArrayList<>();
    List<Object> low = new ArrayList<>();
    List<Object> high = new ArrayList<>();
    for (Bar bar : bars) {
      x.add(bar.x());
      y.add(bar.value());
      low.add(bar.low());
      high.add(bar.high());
      summary.add(
          String.format(
              Locale.ROOT,
              "%.3g at %.3g (%.3g to %.3g, %d cases)",
              bar.value(),
              bar.x(),
              bar.low(),
              bar.high(),
              bar.cases()));
    }
    data.put("x", x);
    data.put("y", y);
    data.put("low", low);
    data.put("high", high);
    layers.add(
        layer(
            "segment",
            data,
            Map.of("x", "x", "xend", "x", "y", "low", "yend", "high"),
            Map.of("size", 1.4, "color", COLOURS.get(0))));
    layers.add(
        layer(
            "point", data, Map.of("x", "x", "y", "y"), Map.of("size", 4, "color", COLOURS.get(1))));
    layers.add(besides(bars.stream().filter(bar -> bar.x() <= RIGHTMOST_LABEL).toList(), 1));
    layers.add(besides(bars.stream().filter(bar -> bar.x() > RIGHTMOST_LABEL).toList(), -1));
    return this;
  }

  /** How many cases, to the right (1) or to the left (-1) of the points. */
  private static Map<String, Object> besides(List<Bar> bars, int side) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("x", bars.stream().map(bar -> bar.x() + side * LABEL_GAP).toList());
    data.put("y", bars.stream().map(Bar::value).toList());
    data.put("cases", bars.stream().map(bar -> "n=" + bar.cases()).toList());
    return layer(
        "text",
        data,
        Map.of("x", "x", "y", "y", "label", "cases"),
        Map.of("hjust", side > 0 ? 0 : 1, "size", 5, "color", "#444444"));
  }

  private static List<Object> cycled(List<String> values, int count) {
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(values.get(i % values.size()));
    }
    return list;
  }

  /** One interval of a forest plot. */
  record Range(String name, double value, double low, double high) {}

  /**
   * A forest plot: one row per name, the value as a point, its interval as a bar; the first name on
   * top.
   */
  Chart ranges(List<Range> ranges) {
    Map<String, Object> data = new LinkedHashMap<>();
    List<Object> x = new ArrayList<>();
    List<Object> low = new ArrayList<>();
    List<Object> high = new ArrayList<>();
    List<Object> y = new ArrayList<>();
    List<Object> names = new ArrayList<>();
    for (Range range : ranges) {
      x.add(range.value());
      low.add(Double.isNaN(range.low()) ? range.value() : range.low());
      high.add(Double.isNaN(range.high()) ? range.value() : range.high());
      y.add((double) (ranges.size() - names.size()));
      names.add(range.name());
      summary.add(
          String.format(
              Locale.ROOT,
              "%s: %.3g (%.3g to %.3g)",
              range.name(),
              range.value(),
              range.low(),
              range.high()));
    }
    data.put("x", x);
    data.put("low", low);
    data.put("high", high);
    data.put("y", y);
    layers.add(
        layer(
            "segment",
            data,
            Map.of("x", "low", "xend", "high", "y", "y", "yend", "y"),
            Map.of("size", 1.6, "color", COLOURS.get(0))));
    layers.add(
        layer(
            "point", data, Map.of("x", "x", "y", "y"), Map.of("size", 4, "color", COLOURS.get(1))));
    Map<String, Object> axis = new HashMap<>();
    axis.put("aesthetic", "y");
    axis.put("name", yLabel);
    axis.put("breaks", y);
    axis.put("labels", names);
    axis.put("limits", new ArrayList<>(List.of(0.5, ranges.size() + 0.5)));
    named = axis;
    return this;
  }

  /** Adds a vertical line as a reference. */
  Chart verticalAt(double at) {
    layers.add(
        layer(
            "vline",
            Map.of(),
            Map.of(),
            Map.of("xintercept", at, "color", "#666666", "linetype", "dashed")));
    return this;
  }

  /** Adds the line y = x as a reference. */
  Chart diagonal() {
    layers.add(
        layer(
            "abline",
            Map.of(),
            Map.of(),
            Map.of("slope", 1, "intercept", 0, "color", "#999999", "linetype", "dotted")));
    return this;
  }

  /** Fixes an axis. */
  Chart limits(String aesthetic, double low, double high) {
    limits.put(aesthetic, new ArrayList<>(List.of(low, high)));
    return this;
  }

  /** The chart as SVG that scales with its container. */
  String svg(int widthPx, int heightPx) {
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("kind", "plot");
    spec.put("data", new HashMap<>());
    spec.put("mapping", new HashMap<>());
    spec.put("layers", layers);
    List<Object> allScales = new ArrayList<>(scales);
    allScales.add(axis("x", xLabel));
    allScales.add(named == null ? axis("y", yLabel) : named);
    spec.put("scales", allScales);
    spec.put("ggtitle", new HashMap<>(Map.of("text", title)));
    spec.put("theme", theme());
    String svg =
        PlotSvgExportCommon.INSTANCE.buildSvgImageFromRawSpecs(
            spec,
            new DoubleVector(widthPx, heightPx),
            (width, height, pixels) -> {
              throw new IllegalStateException("Cannot draw raster layers in a chart");
            },
            false);
    return accessible(withFixedIdentifiers(svg));
  }

  private Map<String, Object> axis(String aesthetic, String label) {
    Map<String, Object> scale = new HashMap<>();
    scale.put("aesthetic", aesthetic);
    scale.put("name", label);
    if (limits.containsKey(aesthetic)) {
      scale.put("limits", limits.get(aesthetic));
    }
    return scale;
  }

  private static Map<String, Object> theme() {
    Map<String, Object> theme = new HashMap<>();
    theme.put("name", "light");
    theme.put("legend_position", "bottom");
    theme.put("panel_grid_minor", "blank");
    return theme;
  }

  private static Map<String, Object> layer(
      String geometry, Map<String, ?> data, Map<String, ?> mapping, Map<String, ?> constants) {
    Map<String, Object> layer = new HashMap<>(constants);
    layer.put("geom", geometry);
    layer.put("data", new HashMap<>(data));
    layer.put("mapping", new HashMap<>(mapping));
    layer.put("tooltips", "none");
    return layer;
  }

  /** Lets-Plot draws identifiers at random; the same data must give the same bytes. */
  private String withFixedIdentifiers(String svg) {
    Map<String, String> names = new LinkedHashMap<>();
    Matcher matcher = IDENTIFIER.matcher(svg);
    while (matcher.find()) {
      String found = matcher.group(1);
      if (svg.contains("id=\"" + found + "\"") || svg.contains("#" + found + " .")) {
        names.putIfAbsent(found, id + "-" + names.size());
      }
    }
    String fixed = svg;
    for (Map.Entry<String, String> name : names.entrySet()) {
      fixed = fixed.replace(name.getKey(), name.getValue());
    }
    return fixed;
  }

  private String accessible(String svg) {
    Matcher size = SIZE.matcher(svg);
    if (!size.find()) {
      throw new IllegalStateException("Cannot find the size in Lets-Plot's SVG of " + title);
    }
    String head =
        size.group(1)
            + " role=\"img\" style=\"width:100%;max-width:"
            + (int) Double.parseDouble(size.group(2))
            + "px;height:auto\" viewBox=\"0 0 "
            + size.group(2)
            + " "
            + size.group(3)
            + "\"";
    String described =
        "><title>"
            + SvgText.escape(title)
            + "</title><desc>"
            + SvgText.escape(xLabel + " against " + yLabel + ". " + String.join("; ", summary))
            + "</desc>";
    int end = svg.indexOf('>', size.end());
    return (svg.substring(0, size.start())
            + head
            + svg.substring(size.end(), end)
            + described
            + svg.substring(end + 1))
        .replace("Lucida Grande, sans-serif", "Helvetica, Arial, sans-serif");
  }
}
