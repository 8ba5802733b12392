using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Tests.Data;

namespace FedRec.Core.Tests.Evaluation;

/// <summary>What a model of labelled rows must beat.</summary>
public sealed class LabelBaselineTests
{
    [Fact]
    public void Popularity_OfARegression_IsTheMeanOfTheTrainingLabels()
    {
        var data = Open("2,train\n4,train\n9,train\n8,test\n1,test\n", """{"name": "y", "kind": "label", "task": "regression", "range": [0, 10]}""");

        var summary = RankingEvaluator.EvaluateAll(() => BaselineRegistry.Create("popularity", data, 1), EvaluationSplit.Test(data), [1], threads: 1);

        Assert.Equal("mean", BaselineRegistry.Called("popularity", data.Task));
        Assert.Equal(3.5, summary.Metrics["mae"], 4); // the mean is 5: errors 3 and 4
        Assert.Equal(Math.Sqrt(12.5), summary.Metrics["rmse"], 4);
    }

    [Fact]
    public void Popularity_OfAClassification_IsTheMajorityClass()
    {
        var data = Open("no,train\nyes,train\nno,train\nno,test\nyes,test\nno,test\n", """{"name": "y", "kind": "label", "task": "binary", "values": ["no", "yes"]}""");

        var summary = RankingEvaluator.EvaluateAll(() => BaselineRegistry.Create("popularity", data, 1), EvaluationSplit.Test(data), [1], threads: 1);

        Assert.Equal("majority class", BaselineRegistry.Called("popularity", data.Task));
        Assert.Equal(2.0 / 3, summary.Metrics["accuracy"], 6);
        Assert.Equal("popularity", BaselineRegistry.Called("popularity", null));
    }

    [Fact]
    public void SasRec_OfALabelledTable_IsRefusedByName()
    {
        var data = Open("2,train\n4,train\n8,test\n", """{"name": "y", "kind": "label", "task": "regression", "range": [0, 10]}""");

        Assert.Contains("sasrec foretells each user's next item, but the data rows is a labelled table", Assert.Throws<ArgumentException>(() => BaselineRegistry.Create("sasrec", data, 1)).Message, StringComparison.Ordinal);
    }

    private static Dataset Open(string rows, string label)
    {
        using var folder = new TempFolder();
        var file = folder.Write("rows.csv", "y,part,x\n" + rows.Replace("\n", ",1\n", StringComparison.Ordinal));
        var schema = folder.Write("schema.json", "{\"columns\": [" + label + """, {"name": "part", "kind": "split"}, {"name": "x", "kind": "numeric"}]}""");
        return DatasetSource.Open(new DatasetOptions { Path = file, Schema = schema });
    }
}
