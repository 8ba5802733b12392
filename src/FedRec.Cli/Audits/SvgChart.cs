using System.Globalization;
using System.Net;
using System.Text;
using FedRec.Core.Audits;

namespace FedRec.Cli.Audits;

/// <summary>Drawings as SVG.</summary>
internal static class SvgChart
{
    private const int Width = 420, Height = 300, Left = 46, Right = 12, Top = 12, Bottom = 34, Bins = 25;
    private static readonly string[] s_colours = ["#0b62a3", "#c2410c", "#2f7d32", "#6b4ba1"]; // told apart by dashes too
    private static readonly string[] s_dashes = ["none", "7 4", "2 3", "9 3 2 3"];

    /// <summary>Curves of true over false positives, with the diagonal of a guess.</summary>
    public static string Curves(string caption, IReadOnlyList<(string Name, IReadOnlyList<RocPoint> Points)> curves)
    {
        var svg = Frame("false positives", "true positives", 0, 1, 0, 1);
        svg.Append(Line(X(0, 0, 1), Y(0, 1), X(1, 0, 1), Y(1, 1), "#8c959f", "2 4"));
        foreach (var (curve, i) in curves.Select((curve, i) => (curve, i)))
        {
            svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke-width=\"2\" stroke=\"{s_colours[i % 4]}\" stroke-dasharray=\"{s_dashes[i % 4]}\" points=\"")
                .AppendJoin(' ', curve.Points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.FalseRate, 0, 1):0.#},{Y(point.TrueRate, 1):0.#}"))).Append("\"/>");
            AppendKey(svg, curve.Name, i, Height - Bottom - 14 - (16 * (curves.Count - 1 - i)), X(0.42, 0, 1));
        }

        return Figure(svg, caption);
    }

    /// <summary>How often values of two groups or more fall where.</summary>
    public static string Histogram(string caption, double low, double high, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> groups)
    {
        high = high > low ? high : low + 1;
        var counts = groups.Select(group => CountsOf(group.Values, low, high)).ToList();
        var most = counts.Max(one => one.Max());
        var svg = Frame("", "share", low, high, 0, most);
        for (var i = 0; i < counts.Count; i++)
        {
            for (var bin = 0; bin < Bins; bin++)
            {
                var (x, y) = (X(low + ((high - low) * bin / Bins), low, high), Y(counts[i][bin], most));
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{(double)(Width - Left - Right) / Bins:0.#}\" height=\"{Y(0, most) - y:0.#}\" fill=\"{s_colours[i]}\" fill-opacity=\"0.55\" stroke=\"{s_colours[i]}\"/>");
            }

            AppendKey(svg, groups[i].Name, i, Top + 14 + (16 * i), Left + 8);
        }

        return Figure(svg, caption);
    }

    /// <summary>What was found beside what is claimed; a claim of infinity is off the picture.</summary>
    public static string Bars(string caption, IReadOnlyList<(string Name, double Found, double Claimed)> bars)
    {
        var most = Math.Max(0.1, 1.1 * bars.Max(bar => Math.Max(bar.Found, double.IsFinite(bar.Claimed) ? bar.Claimed : 0)));
        var (svg, wide) = (Frame("", "ε", 0, bars.Count, 0, most, hasPlaces: false), (double)(Width - Left - Right) / bars.Count);
        foreach (var (bar, i) in bars.Select((bar, i) => (bar, i)))
        {
            var x = Left + (wide * i);
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x + (wide * 0.2):0.#}\" y=\"{Y(bar.Found, most):0.#}\" width=\"{wide * 0.6:0.#}\" height=\"{Y(0, most) - Y(bar.Found, most):0.#}\" fill=\"{s_colours[0]}\"/>")
                .Append(double.IsFinite(bar.Claimed) ? Line(x + (wide * 0.1), Y(bar.Claimed, most), x + (wide * 0.9), Y(bar.Claimed, most), s_colours[1], "none") : "")
                .Append(Label(x + (wide / 2), Height - 16, bars.Count <= 10 ? bar.Name : "", "middle"));
        }

        return Figure(svg, caption);
    }

    /// <summary>Numbers in [0, 1] with their intervals, a line for each.</summary>
    public static string Intervals(string caption, IReadOnlyList<(string Name, Measured Measured)> rows)
    {
        const int From = 240, To = 700, Row = 20;
        var svg = new StringBuilder().Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {To + 20} {(Row * rows.Count) + 30}\" width=\"{To + 20}\" role=\"img\" aria-label=\"{Words(caption)}\">");
        double At(double value) => From + (value * (To - From));
        svg.Append(Line(At(0.5), 0, At(0.5), Row * rows.Count, "#8c959f", "2 4"));
        foreach (var (row, i) in rows.Select((row, i) => (row, i)))
        {
            var y = (Row * i) + 12;
            svg.Append(Label(From - 8, y + 4, row.Name, "end")).Append(Line(At(row.Measured.Low), y, At(row.Measured.High), y, s_colours[0], "none"))
                .Append(CultureInfo.InvariantCulture, $"<circle cx=\"{At(row.Measured.Value):0.#}\" cy=\"{y}\" r=\"4\" fill=\"{s_colours[0]}\"/>");
        }

        return Figure(new[] { 0, 0.25, 0.5, 0.75, 1 }.Aggregate(svg, (all, tick) => all.Append(Label(At(tick), (Row * rows.Count) + 20, Number(tick), "middle"))), caption);
    }

    private static double[] CountsOf(IReadOnlyList<double> values, double low, double high)
    {
        var counts = new double[Bins];
        foreach (var value in values)
        {
            counts[Math.Clamp((int)((value - low) / (high - low) * Bins), 0, Bins - 1)] += 1.0 / values.Count;
        }

        return counts;
    }

    private static StringBuilder Frame(string across, string up, double low, double high, double bottom, double top, bool hasPlaces = true)
    {
        var svg = new StringBuilder().Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-label=\"{{0}}\">")
            .Append(Line(Left, Top, Left, Height - Bottom, "#57606a", "none")).Append(Line(Left, Height - Bottom, Width - Right, Height - Bottom, "#57606a", "none"));
        foreach (var part in new[] { 0, 0.5, 1 })
        {
            svg.Append(Label(Left - 6, Y(part, 1) + 4, Number(bottom + (part * (top - bottom))), "end"));
            svg.Append(hasPlaces ? Label(X(part, 0, 1), Height - 18, Number(low + (part * (high - low))), part == 1 ? "end" : "middle") : "");
        }

        return svg.Append(Label((Left + Width) / 2.0, Height - 3, across, "middle")).Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(12 {Height / 4}) rotate(-90)\" text-anchor=\"middle\">{Words(up)}</text>");
    }

    private static void AppendKey(StringBuilder svg, string name, int i, double y, double x) =>
        svg.Append(Line(x, y, x + 22, y, s_colours[i % 4], s_dashes[i % 4])).Append(Label(x + 28, y + 4, name, "start"));

    private static string Line(double x, double y, double toX, double toY, string colour, string dashes) =>
        string.Create(CultureInfo.InvariantCulture, $"<line x1=\"{x:0.#}\" y1=\"{y:0.#}\" x2=\"{toX:0.#}\" y2=\"{toY:0.#}\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>");

    private static string Label(double x, double y, string text, string anchor) => string.Create(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{Words(text)}</text>");

    private static string Figure(StringBuilder svg, string caption) => $"<figure>{svg.Replace("{0}", Words(caption))}</svg><figcaption>{Words(caption)}</figcaption></figure>";

    private static double X(double value, double low, double high) => Left + ((value - low) / (high - low) * (Width - Left - Right));

    private static double Y(double value, double top) => Height - Bottom - (top > 0 ? value / top * (Height - Bottom - Top) : 0);

    private static string Number(double value) => (Math.Round(value, 3) + 0.0).ToString("0.###", CultureInfo.InvariantCulture); // and no -0

    private static string Words(string text) => WebUtility.HtmlEncode(text);
}
