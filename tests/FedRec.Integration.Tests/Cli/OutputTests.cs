using System.Collections.Immutable;
using FedRec.Cli;
using FedRec.Cli.Output;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Evaluations;

namespace FedRec.Integration.Tests.Cli;

public sealed class OutputTests
{
    [Fact]
    public void Csv_OfCellsWithSeparators_QuotesThem()
    {
        var table = new ResultTable("not in the file", "name", ">count").Add("a,b", "1").Add("say \"x\"", "2").Add("two\nlines", "3");

        Assert.Equal("name,count\n\"a,b\",1\n\"say \"\"x\"\"\",2\n\"two\nlines\",3\n", Write(OutputFormat.Csv, table));
    }

    [Fact]
    public void Csv_OfWordsThatASpreadsheetWouldRun_HasThemAsText()
    {
        var table = new ResultTable("", "name", ">change", "=heading").Add("=1+1", "-0.0012", "ok").Add("@sum", "+15.8 %", "-2").Add("+4", "3", "\tx").Add("\rx", "4", "a=b");

        Assert.Equal("name,change,'=heading\n'=1+1,-0.0012,ok\n'@sum,+15.8 %,'-2\n'+4,3,'\tx\n\"'\rx\",4,a=b\n", Write(OutputFormat.Csv, table));
    }

    [Theory]
    [InlineData("\u001b]0;owned\u0007", "\\u001b]0;owned\\u0007")]
    [InlineData("a\tb\nc\rd", "a\\tb\\nc\\rd")]
    [InlineData("\u009b31m", "\\u009b31m")]
    [InlineData("\u202egnp.exe", "\\u202egnp.exe")]
    [InlineData("Amélie 日本 [x]", "Amélie 日本 [x]")]
    public void Terminal_TextOfOthers_CommandsNothing(string text, string shown)
    {
        var table = new ResultTable(text, text, $">{text}").Add(text, text);
        table.Notes.Add(text);
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var terminal = CommandRun.Terminal(Path.GetTempPath(), output, error);

        Answer.Write(terminal, OutputFormat.Table, new { }, table);
        Answer.Write(terminal with { OutIsScreen = true, Color = false }, OutputFormat.Csv, new { }, table);
        new Failure(1, text, text).Write(error);

        Assert.Contains(shown, output.ToString(), StringComparison.Ordinal);
        Assert.Equal($"error: {shown}\n  next: {shown}\n", error.ToString());
        Assert.DoesNotContain(output.ToString(), sign => sign != '\n' && (char.IsControl(sign) || sign == '\u202e'));
    }

    [Fact]
    public void Json_OfAnyText_CarriesItWholeWithoutControlCharacters()
    {
        var text = string.Concat(Enumerable.Range(0, 0xA0).Select(sign => (char)sign));

        var line = Json.Line(new { text });

        Assert.DoesNotContain(line, char.IsControl);
        Assert.Equal(text, System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public void Table_ForPeople_LeavesDetailsOutAndBreaksNoNote()
    {
        var table = new ResultTable("quality", "model", ">HR@10", ">HR@17").Add("mf", "0.1", "0.2");
        table.Details.Add(2);
        var note = new string('x', 500);
        table.Notes.Add(note);

        var text = Write(OutputFormat.Table, table);

        Assert.Contains("HR@10", text, StringComparison.Ordinal);
        Assert.DoesNotContain("HR@17", text, StringComparison.Ordinal);
        Assert.Contains(note, text, StringComparison.Ordinal);
        Assert.Contains("HR@17", Write(OutputFormat.Csv, table), StringComparison.Ordinal);
    }

    [Fact]
    public void Table_WiderThanTheScreen_LeavesSecondaryColumnsOut()
    {
        var narrow = new ResultTable("", "model", "first", "second").Add("mf", "1", new string('y', 300));
        var wide = new ResultTable("", "model", "first", "second").Add("mf", "1", "2");
        narrow.Secondary.Add(2);
        wide.Secondary.Add(2);

        Assert.DoesNotContain("second", Write(OutputFormat.Table, narrow), StringComparison.Ordinal);
        Assert.Contains("second", Write(OutputFormat.Table, wide), StringComparison.Ordinal);
    }

    [Fact]
    public void Table_ALittleTooWide_LeavesOutTheLastSecondaryColumnsOnly()
    {
        var table = new ResultTable("", "model", "first", "second", "third").Add("mf", "1", new string('y', 100), new string('z', 100));
        table.Secondary.UnionWith([1, 2, 3]);

        var text = Write(OutputFormat.Table, table);

        Assert.Contains("second", text, StringComparison.Ordinal);
        Assert.DoesNotContain("third", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Csv_OfSeveralTables_HasAnEmptyLineBetween()
    {
        using var output = new StringWriter { NewLine = "\n" };

        Answer.Write(CommandRun.Terminal(Path.GetTempPath(), output), OutputFormat.Csv, new { }, new ResultTable("", "a").Add("1"), new ResultTable("", "b").Add("2"));

        Assert.Equal("a\n1\n\nb\n2\n", output.ToString());
    }

    [Fact]
    public void EvaluationTable_OfSeveralCutoffs_HasTheUsualHeadings()
    {
        var table = EvaluationTable.Empty("", ["hr@5", "hr@10", "ndcg@10", "recall@5", "recall@10", "coverage@10"]);

        Assert.Equal(["model", ">HR@5", ">HR@10", ">NDCG@10", ">Recall@5", ">Recall@10", ">Coverage@10"], table.Columns);
        Assert.Equal([4], table.Details);
        Assert.Equal([1], table.Secondary);
    }

    [Theory]
    [InlineData(943, false)]
    [InlineData(1_941, true)]
    public void EvaluationTable_OverDifferentUsers_SaysSo(int users, bool differs)
    {
        EvaluationRecord Of(string name, int count) => new() { Name = name, Users = count, Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("hr@10", 0.5) };

        var table = EvaluationTable.Of("", "", [Of("ease", 943), Of("popularity", users)]);

        Assert.Equal([differs ? "Rows over different users, not to be compared with each other: ease over 943 users; popularity over 1,941 users." : "Evaluated on 943 users with held-out interactions"], table.Notes);
    }

    [Fact]
    public void EvaluationTable_OfMetricsWithoutCutoffOrAmongSampledItems_ShowsThem()
    {
        var table = EvaluationTable.Empty("", ["hr@10", "ndcg@10", "auc", "rmse", "novelty@5", "novelty@10", "hr@10/sampled99"]);

        Assert.Equal(["model", ">HR@10", ">NDCG@10", ">AUC", ">RMSE", ">Novelty@5", ">Novelty@10", ">HR@10/sampled99"], table.Columns);
        Assert.Equal([5], table.Details);
        Assert.Equal([3, 6], table.Secondary);
    }

    [Theory]
    [InlineData(new[] { "coverage@10", "mrr@10", "recall@20", "ndcg@20", "ndcg@5", "hr@10/sampled99", "auc", "hr@10", "novelty" }, new[] { "hr@10", "ndcg@5", "ndcg@20", "recall@20", "mrr@10", "auc", "coverage@10", "novelty", "hr@10/sampled99" })]
    public void MetricOrder_OfMetrics_IsThatOfTheTable(string[] metrics, string[] ordered) => Assert.Equal(ordered, metrics.Order(MetricOrder.Instance));

    [Fact]
    public void EvaluationTable_OfNobody_HasEmptyCellsUnderTheUsualHeadings()
    {
        var table = EvaluationTable.Of("", "", [new EvaluationRecord { Name = "mf", Users = 0 }]);

        Assert.Equal(["model", ">HR@10", ">NDCG@10"], table.Columns);
        Assert.Equal(["mf", "", ""], table.Rows[0]);
        Assert.StartsWith("Nobody to evaluate", table.Notes[0], StringComparison.Ordinal);
    }

    private static string Write(OutputFormat format, ResultTable table)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Answer.Write(CommandRun.Terminal(Path.GetTempPath(), output), format, new { }, table);
        return output.ToString();
    }
}
