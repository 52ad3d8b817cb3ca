package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How the training went.
 *
 * @param graphs curves of the training
 * @param workers which processes did the work
 */
public record TrainingSection(List<Graph> graphs, List<Worker> workers) implements Section {
  /** One line over the rounds of training. */
  public record Curve(String name, List<Double> x, List<Double> y) {
    public Curve {
      x = List.copyOf(x);
      y = List.copyOf(y);
    }
  }

  /** A chart of the training, for example the loss. */
  public record Graph(String title, String xLabel, String yLabel, List<Curve> curves) {
    public Graph {
      curves = List.copyOf(curves);
    }
  }

  /** What one executor did of the training: finished tasks and their running time. */
  public record Worker(String name, long tasks, double seconds) {}

  public TrainingSection {
    graphs = List.copyOf(graphs);
    workers = List.copyOf(workers);
  }

  @Override
  public String id() {
    return "training";
  }

  @Override
  public String heading() {
    return "Training";
  }

  @Override
  public String html() {
    return Templates.fill(
        "training.ftlh",
        Map.of(
            "charts",
            charts(),
            "workers",
            workers.stream()
                .map(
                    worker ->
                        Map.of(
                            "name",
                            worker.name(),
                            "tasks",
                            Figures.count(worker.tasks()),
                            "seconds",
                            String.format(Locale.ROOT, "%.1f", worker.seconds())))
                .toList()));
  }

  private List<String> charts() {
    List<String> charts = new ArrayList<>();
    for (Graph chart : graphs) {
      charts.add(
          new Chart("training-" + charts.size(), chart.title(), chart.xLabel(), chart.yLabel())
              .lines(
                  chart.curves().stream()
                      .map(c -> new Chart.Series(c.name(), c.x(), c.y()))
                      .toList(),
                  Chart.Form.LINE_AND_POINTS)
              .svg(520, 340));
    }
    return charts;
  }
}
