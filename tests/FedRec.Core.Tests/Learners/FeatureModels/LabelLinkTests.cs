using CsCheck;
using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using FedRec.Core.Learners.FeatureModels;

namespace FedRec.Core.Tests.Learners.FeatureModels;

public sealed class LabelLinkTests
{
    private const int Classes = 3;
    private static readonly FeatureSchema s_schema = MadeTable.Open("regression", rows: 5).Train.Features!.Schema;
    private static readonly Gen<float> s_output = Gen.Float[-90f, 90f];

    [Fact]
    public void Score_OfClasses_IsTheLogarithmOfProbabilitiesThatAddUpToOne() =>
        s_output.Array[Classes].Sample(outputs =>
        {
            var (scores, two) = (new float[Classes], new float[2]);
            Link(new LabelTask(LabelKind.Multiclass)).Link.Score([], outputs, scores);
            Link(new LabelTask(LabelKind.Binary, Positive: 1)).Link.Score([], outputs.AsSpan(0, 1), two);

            return Math.Abs(scores.Sum(score => Math.Exp(score)) - 1) < 1e-5 && Math.Abs(two.Sum(score => Math.Exp(score)) - 1) < 1e-5;
        });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Score_OfTwoClasses_FavoursThePositiveOneByTheOutput(int positive)
    {
        var scores = new float[2];

        Link(new LabelTask(LabelKind.Binary, positive)).Link.Score([], [1.5f], scores);

        Assert.Equal(1.5, scores[positive] - scores[1 - positive], 1e-6);
    }

    [Fact]
    public void Label_OfARegression_UndoesItsTarget()
    {
        var data = ClientPartition.Dealt(MadeTable.Open("regression", rows: 40), 1, 1).Client(0);
        var (link, shape) = Link(new LabelTask(LabelKind.Regression));
        var parameters = new float[shape.Layout.Length];
        parameters[shape.Columns.Length] = 480; // the label's mean
        parameters[shape.Layout.Offset(FeatureModelShape.Deviations) + shape.Columns.Length] = 125;
        var row = Enumerable.Range(0, data.UserCount).First(user => !data.Items(user).IsEmpty);
        var target = new float[1];

        link.WriteTarget(parameters, data, row, rows: 7, target);

        Assert.Equal((data.Ratings(row)[0] - 480) / 125, target[0], 1e-6);
        Assert.Equal(data.Ratings(row)[0], link.Label(parameters, target[0]), 1e-3);
    }

    private static (LabelLink Link, FeatureModelShape Shape) Link(LabelTask task)
    {
        var shape = new FeatureModelShape(new FeatureModelOptions(), s_schema, task, Classes);
        return (new LabelLink(shape), shape);
    }
}
