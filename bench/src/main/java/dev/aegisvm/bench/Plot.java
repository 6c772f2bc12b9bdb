package dev.aegisvm.bench;

import module java.base;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import javax.imageio.ImageIO;
import org.knowm.xchart.*;
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
    /** A PNG has so many dots for each of these units, for screens of today. */
    private static final int SCALE = 2;

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

    @FunctionalInterface
    private interface Painter {
        void paint(Graphics2D on, int width, int height);
    }

    /** Draws the rows that are points of this plot. */
    void draw(List<Row> rows, Path directory) throws IOException {
        Map<String, List<Row>> lines = rows.stream()
                .collect(Collectors.groupingBy(row -> point(row).line(), LinkedHashMap::new, Collectors.toList()));
        Painter painter = across.isEmpty() ? bars(lines) : curves(lines);
        BufferedImage image = new BufferedImage(WIDTH * SCALE, HEIGHT * SCALE, BufferedImage.TYPE_INT_RGB);
        Graphics2D dots = image.createGraphics();
        dots.scale(SCALE, SCALE);
        painter.paint(dots, WIDTH, HEIGHT);
        ImageIO.write(image, "png", directory.resolve(file() + ".png").toFile());
        VectorGraphics2D strokes = new VectorGraphics2D();
        painter.paint(strokes, WIDTH, HEIGHT);
        try (OutputStream svg = Files.newOutputStream(directory.resolve(file() + ".svg"))) {
            new SVGProcessor()
                    .getDocument(strokes.getCommands(), new PageSize(WIDTH, HEIGHT))
                    .writeTo(svg);
        }
    }

    /** For each line the median, and dashed in the same colour what is rarer. */
    private Painter curves(Map<String, List<Row>> lines) {
        XYChart chart = new XYChartBuilder()
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
                boolean hasP99 =
                        points.stream().allMatch(row -> row.percentiles().p99() != null);
                curve(chart, line + (hasP99 ? ", p99" : ", p90"), points, row -> {
                            Double p99 = row.percentiles().p99();
                            return hasP99 && p99 != null
                                    ? p99
                                    : row.percentiles().p90();
                        })
                        .setMarker(SeriesMarkers.NONE)
                        .setLineColor(colour)
                        .setLineStyle(SeriesLines.DASH_DASH);
            }
        });
        return chart::paint;
    }

    private static XYSeries curve(XYChart chart, String name, List<Row> points, ToDoubleFunction<Row> height) {
        List<Row> sorted = points.stream()
                .sorted(Comparator.comparingDouble(row -> point(row).x()))
                .toList();
        XYSeries series = chart.addSeries(
                name,
                sorted.stream().mapToDouble(row -> point(row).x()).toArray(),
                sorted.stream().mapToDouble(height).toArray());
        series.setMarker(SeriesMarkers.CIRCLE);
        return series;
    }

    /** The medians side by side. */
    private Painter bars(Map<String, List<Row>> lines) {
        CategoryChart chart =
                new CategoryChartBuilder().title(title).yAxisTitle(up).build();
        style(chart.getStyler());
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
        return chart::paint;
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
