/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;

/** The curves of a run: latency over time around a failure, loss against rate, dark time against the size of the table. */
final class Plots {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;
    private static final int COLUMNS = WIDTH / 4;
    /** A logarithmic axis has no 0. */
    private static final double LEAST_MS = 0.01;

    private Plots() {}

    /** The name of the plot of a scenario, when there is one. */
    static Optional<String> of(String scenario, List<Result> results) {
        return results.stream().anyMatch(result -> result.scenario().equals(scenario) && plotted(result))
                ? Optional.of(scenario)
                : Optional.empty();
    }

    private static boolean plotted(Result result) {
        return result.scenario().equals("table")
                ? result.what().equals("dark.tcp") && Double.isFinite(result.median())
                : !result.points().isEmpty();
    }

    /** Draws all there are into {@code directory}, each as SVG and PNG. */
    static void write(List<Result> results, Path directory) throws IOException {
        for (String scenario : results.stream()
                .filter(Plots::plotted)
                .map(Result::scenario)
                .distinct()
                .toList()) {
            List<Result> own = results.stream()
                    .filter(result -> result.scenario().equals(scenario))
                    .toList();
            XYChart chart = switch (scenario) {
                case "table" -> table(own);
                case "rate" -> rate(own);
                default -> latency(scenario, own);
            };
            draw(chart, directory, scenario);
        }
    }

    private static void draw(XYChart chart, Path directory, String name) throws IOException {
        for (String format : List.of("png", "svg")) {
            try (OutputStream file = Files.newOutputStream(directory.resolve(name + "." + format))) {
                ChartEncoder.saveChart(chart, file, format);
            }
        }
    }

    private static XYChart latency(String scenario, List<Result> results) {
        XYChart chart = chart(
                scenario + ": latency of a UDP probe, forth, one each millisecond",
                "milliseconds since the failure, when sent",
                "milliseconds");
        chart.getStyler().setYAxisLogarithmic(true);
        for (Result result : results) {
            if (!result.points().isEmpty()) {
                List<double[]> seen = extremes(result.points());
                XYSeries series = chart.addSeries(
                        plain(result.contender()),
                        seen.stream().mapToDouble(point -> point[0]).toArray(),
                        seen.stream()
                                .mapToDouble(point -> Math.max(LEAST_MS, point[1]))
                                .toArray());
                series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
            }
        }
        return chart;
    }

    /** Of each column of the plot the lowest and the highest point: all that can be seen of many. */
    private static List<double[]> extremes(List<double[]> points) {
        double left = points.stream().mapToDouble(point -> point[0]).min().orElse(0);
        double right = points.stream().mapToDouble(point -> point[0]).max().orElse(0);
        double width = Math.max((right - left) / COLUMNS, Double.MIN_NORMAL);
        Map<Long, double[][]> columns = new TreeMap<>();
        for (double[] point : points) {
            double[][] column =
                    columns.computeIfAbsent((long) ((point[0] - left) / width), x -> new double[][] {point, point});
            column[0] = point[1] < column[0][1] ? point : column[0];
            column[1] = point[1] > column[1][1] ? point : column[1];
        }
        return columns.values().stream().flatMap(Arrays::stream).distinct().toList();
    }

    private static XYChart rate(List<Result> results) {
        XYChart chart =
                chart("flows that the standby does not know five seconds later", "new UDP flows a second", "percent");
        for (Result result : results) {
            if (!result.points().isEmpty()) {
                chart.addSeries(plain(result.contender()), result.xs(), result.ys());
            }
        }
        return chart;
    }

    private static XYChart table(List<Result> results) {
        XYChart chart = chart("power lost: dark time of TCP streams", "flows mirrored", "milliseconds");
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisLogarithmic(true);
        for (Contender contender : Contender.values()) {
            List<Result> own = new ArrayList<>(results.stream()
                    .filter(result -> result.contender() == contender
                            && result.what().equals("dark.tcp")
                            && Double.isFinite(result.median()))
                    .toList());
            own.sort(Comparator.comparingDouble(Result::at));
            if (!own.isEmpty()) {
                chart.addSeries(
                        plain(contender),
                        own.stream().mapToDouble(Result::at).toArray(),
                        own.stream().mapToDouble(Result::median).toArray());
            }
        }
        return chart;
    }

    private static XYChart chart(String title, String x, String y) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS);
        chart.getStyler().setMarkerSize(4);
        return chart;
    }

    private static String plain(Contender contender) {
        return contender.title().replace("`", "");
    }
}
