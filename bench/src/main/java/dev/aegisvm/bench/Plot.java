package dev.aegisvm.bench;

import module java.base;
import java.awt.Color;
import org.knowm.xchart.*;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.colors.ColorBlindFriendlySeriesColors;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The plots of docs/PERFORMANCE.md: how each cost grows. Rows of the tables are their points. */
enum Plot {
    ECHO("echo hi, as a whole process", "", "ms"),
    MEMORY_SIZE("Unique memory of an idle VM", "memory of the guest, MB", "MB"),
    START_SIZE("Start, or restore", "memory of the guest, MB", "ms"),
    CONNECTIONS("Connections at once, until all are answered", "connections", "ms"),
    IMAGE_SIZE("An image from a registry", "size, MB", "ms"),
    WAKES("From connect to first byte, other instances asleep", "instances", "ms"),
    MEMORY_INSTANCES("Memory of a paused VM of 256 MB", "instances", "MB");

    private static final int WIDTH = 760;
    private static final int HEIGHT = 400;
    /** Of a PNG, which has two for each of these units, for screens of today. */
    private static final int DOTS_PER_INCH = 144;

    private final String title;
    private final String across;
    private final String up;

    Plot(String title, String across, String up) {
        this.title = title;
        this.across = across;
        this.up = up;
    }

    String title() {
        return title;
    }

    /** What the two files with the picture are called, without their endings. */
    String file() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Draws the rows that are points of this plot. */
    void draw(List<Row> rows, Path directory) throws IOException {
        Map<String, List<Row>> lines = rows.stream()
                .sorted(Comparator.comparingDouble(row -> point(row).x()))
                .collect(Collectors.groupingBy(row -> point(row).line(), LinkedHashMap::new, Collectors.toList()));
        Chart<?, ?> chart = across.isEmpty() ? bars(lines) : curves(lines);
        chart.setTitle(title);
        chart.setYAxisTitle(up);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        String file = directory.resolve(file()).toString();
        BitmapEncoder.saveBitmapWithDPI(chart, file, BitmapFormat.PNG, DOTS_PER_INCH);
        VectorGraphicsEncoder.saveVectorGraphic(chart, file, VectorGraphicsFormat.SVG);
    }

    /** For each line the median, and dashed in the same colour what is rarer. */
    private Chart<?, ?> curves(Map<String, List<Row>> lines) {
        XYChart chart = new XYChart(WIDTH, HEIGHT);
        chart.setXAxisTitle(across);
        List<Row> all = lines.values().stream().flatMap(List::stream).toList();
        boolean wide = isWide(all, row -> row.percentiles().p50());
        chart.getStyler()
                .setXAxisLogarithmic(isWide(all, row -> point(row).x()))
                .setYAxisLogarithmic(wide)
                .setYAxisMin(wide ? null : 0.0);
        Iterator<Color> colours =
                List.of(new ColorBlindFriendlySeriesColors().getSeriesColors()).iterator();
        lines.forEach((line, points) -> {
            Color colour = colours.next();
            curve(chart, line, points, row -> row.percentiles().p50())
                    .setMarkerColor(colour)
                    .setLineColor(colour);
            if (points.stream().allMatch(row -> row.percentiles().n() > 1)) {
                boolean p99 = points.stream().allMatch(row -> row.percentiles().p99() != null);
                String rarer = line + (p99 ? ", p99" : ", p90");
                curve(chart, rarer, points, row -> row.percentiles().tail(p99))
                        .setMarker(SeriesMarkers.NONE)
                        .setLineColor(colour)
                        .setLineStyle(SeriesLines.DASH_DASH);
            }
        });
        return chart;
    }

    private static XYSeries curve(XYChart chart, String name, List<Row> points, ToDoubleFunction<Row> height) {
        XYSeries series = chart.addSeries(
                name,
                points.stream().mapToDouble(row -> point(row).x()).toArray(),
                points.stream().mapToDouble(height).toArray());
        series.setMarker(SeriesMarkers.CIRCLE);
        return series;
    }

    /** The medians side by side. */
    private static Chart<?, ?> bars(Map<String, List<Row>> lines) {
        CategoryChart chart = new CategoryChart(WIDTH, HEIGHT);
        chart.getStyler().setYAxisDecimalPattern("#");
        chart.getStyler().setLabelsVisible(true).setLegendVisible(false);
        List<Double> medians = lines.values().stream()
                .map(rows -> rows.getFirst().percentiles().p50())
                .toList();
        chart.addSeries("p50", List.copyOf(lines.keySet()), medians);
        return chart;
    }

    /** Whether the largest is so much more than the smallest that a linear axis would show one of them only. */
    private static boolean isWide(List<Row> rows, ToDoubleFunction<Row> value) {
        DoubleSummaryStatistics values = rows.stream().mapToDouble(value).summaryStatistics();
        return values.getMin() > 0 && values.getMax() > 20 * values.getMin();
    }

    private static Row.Point point(Row row) {
        return Objects.requireNonNull(row.point());
    }
}
