using System.Collections.Immutable;
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

        Assert.Equal(differs ? ["Rows over different users, not to be compared with each other: ease over 943 users; popularity over 1,941 users."] : [], table.Notes);
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

    private static string Write(OutputFormat format, ResultTable table)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Answer.Write(CommandRun.Terminal(Path.GetTempPath(), output), format, new { }, table);
        return output.ToString();
    }
}
