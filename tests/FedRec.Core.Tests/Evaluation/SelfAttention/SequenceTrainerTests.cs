using FedRec.Core.Evaluation.Baselines.SelfAttention;
using FedRec.Core.Tests.Native;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Evaluation.SelfAttention;

/// <summary>The first step of a training against plain loops.</summary>
[Collection(nameof(TorchCollection))]
public sealed class SequenceTrainerTests
{
    private const int Items = 6;
    private static readonly int[][] s_users = [[2, 0, 5, 1], [4, 3], [1, 5, 3]];
    private static readonly SequenceSettings s_settings = new() { Dims = 4, Layers = 1, Heads = 2, MaxLength = 4, Dropout = 0, StepSize = 1e-3, StepExamples = 100 };
    private static readonly ParameterLayout s_layout = SequenceNetwork.Layout(s_settings, Items);

    [Fact]
    public void Train_FirstPass_ReportsTheHandCrossEntropyOfTheStart()
    {
        var (loss, _) = FirstStep();

        Assert.Equal(HandLoss(Start()), loss, 1e-5);
    }

    [Fact]
    public void Train_FirstStep_GoesAgainstTheGradientOfAllUsers()
    {
        var (start, (_, stepped)) = (Start(), FirstStep());
        var moved = 0;
        for (var i = 0; i < start.Length; i++)
        {
            var slope = Slope(start, i);
            if (Math.Abs(slope) > 1e-4)
            {
                moved++;
                Assert.Equal(-s_settings.StepSize * Math.Sign(slope), stepped[i] - start[i], 1e-5); // Adam's first step has the same size everywhere
            }
        }

        Assert.True(moved > start.Length / 2);
    }

    [Fact]
    public void Train_WithDropout_LeavesValuesOutByTheSeed()
    {
        var (one, again, whole) = (FirstStep(0.5).Loss, FirstStep(0.5).Loss, FirstStep().Loss);

        Assert.Equal(one, again);
        Assert.NotEqual(whole, one, 1e-5);
    }

    private static (double Loss, float[] Parameters) FirstStep(double dropout = 0)
    {
        var first = (0.0, Array.Empty<float>());
        new SequenceTrainer(s_settings with { Dropout = dropout }, Sequences.Of(s_users), Items, seed: 1).Train((_, loss, parameters) =>
        {
            first = (loss, parameters);
            return false;
        });
        return first;
    }

    private static double[] Start() => [.. SequenceNetwork.Initial(s_layout, 1).Select(value => (double)value)];

    private static double HandLoss(double[] parameters) =>
        s_users.Sum(new HandSasRec(s_settings, s_layout, parameters).Loss) / s_users.Sum(items => items.Length - 1);

    private static double Slope(double[] parameters, int i)
    {
        const double Small = 1e-5;
        var (up, down) = (parameters.ToArray(), parameters.ToArray());
        up[i] += Small;
        down[i] -= Small;
        return (HandLoss(up) - HandLoss(down)) / (2 * Small);
    }
}
