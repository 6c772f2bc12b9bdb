package dev.aegisvm.bench;

import module java.base;
import java.awt.Color;
import java.awt.Font;
import org.knowm.xchart.*;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
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

    /** A card of its own colour, and dark ink on it: the same on a light page and on a dark one. */
    private static final Color CARD = new Color(0xf6f8fa);

    private static final Color INK = new Color(0x24292f);
    private static final Color GRID = new Color(0xd0d7de);
    /** Told apart by the colour-blind, too (Okabe and Ito). */
    private static final List<Color> COLOURS = Stream.of(0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0x946b00)
            .map(Color::new)
            .toList();

    private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

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
        String file = directory.resolve(file()).toString();
        BitmapEncoder.saveBitmapWithDPI(chart, file, BitmapFormat.PNG, DOTS_PER_INCH);
        VectorGraphicsEncoder.saveVectorGraphic(chart, file, VectorGraphicsFormat.SVG);
    }

    /** For each line the median, and dashed in the same colour what is rarer. */
    private Chart<?, ?> curves(Map<String, List<Row>> lines) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(across)
                .yAxisTitle(up)
                .build();
        style(chart.getStyler());
        List<Row> all = lines.values().stream().flatMap(List::stream).toList();
        chart.getStyler().setXAxisLogarithmic(isWide(all, row -> point(row).x()));
        chart.getStyler()
                .setYAxisLogarithmic(isWide(all, row -> row.percentiles().p50()));
        if (!chart.getStyler().isYAxisLogarithmic()) {
            chart.getStyler().setYAxisMin(0.0);
        }
        Iterator<Color> colours = COLOURS.iterator();
        lines.forEach((line, points) -> {
            Color colour = colours.next();
            curve(chart, line, points, row -> row.percentiles().p50())
                    .setMarkerColor(colour)
                    .setLineColor(colour);
            if (points.stream().allMatch(row -> row.percentiles().n() > 1)) {
                boolean p99 = points.stream().allMatch(row -> row.percentiles().p99() != null);
                curve(
                                chart,
                                line + (p99 ? ", p99" : ", p90"),
                                points,
                                row -> row.percentiles().tail(p99))
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
    private Chart<?, ?> bars(Map<String, List<Row>> lines) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .yAxisTitle(up)
                .build();
        style(chart.getStyler());
        chart.getStyler().setYAxisDecimalPattern("#");
        chart.getStyler()
                .setLabelsVisible(true)
                .setLabelsFont(TEXT)
                .setAvailableSpaceFill(0.6)
                .setLegendVisible(false);
        chart.addSeries(
                        "p50",
                        List.copyOf(lines.keySet()),
                        lines.values().stream()
                                .map(rows -> rows.getFirst().percentiles().p50())
                                .toList())
                .setFillColor(COLOURS.getFirst());
        return chart;
    }

    private static void style(AxesChartStyler styler) {
        styler.setAxisTickLabelsFont(TEXT)
                .setAxisTitleFont(TEXT)
                .setAxisTickLabelsColor(INK)
                .setAxisTickMarksColor(INK)
                .setPlotGridLinesColor(GRID);
        styler.setChartBackgroundColor(CARD)
                .setPlotBackgroundColor(CARD)
                .setPlotBorderVisible(false)
                .setLegendBackgroundColor(CARD)
                .setLegendBorderColor(CARD)
                .setLegendFont(TEXT)
                .setChartTitleFont(TEXT.deriveFont(Font.BOLD, 15f))
                .setChartFontColor(INK)
                .setMarkerSize(6);
        styler.setXAxisTitleColor(INK).setYAxisTitleColor(INK);
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
