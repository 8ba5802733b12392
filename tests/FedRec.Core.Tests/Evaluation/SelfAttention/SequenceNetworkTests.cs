using FedRec.Core.Evaluation.Baselines.SelfAttention;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Native;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Native;
using FedRec.Core.Updates;
using static TorchSharp.torch;

namespace FedRec.Core.Tests.Evaluation.SelfAttention;

/// <summary>The network against plain loops, and what it must not see.</summary>
[Collection(nameof(TorchCollection))]
public sealed class SequenceNetworkTests
{
    private const int Items = 7;
    private static readonly SequenceSettings s_settings = new() { Dims = 6, Layers = 2, Heads = 2, MaxLength = 4, Dropout = 0 };
    private static readonly ParameterLayout s_layout = SequenceNetwork.Layout(s_settings, Items);
    private static readonly float[] s_parameters = Parameters();
    private static readonly HandSasRec s_hand = new(s_settings, s_layout, [.. s_parameters.Select(value => (double)value)]);

    public SequenceNetworkTests() => TorchLoader.EnsureLoaded();

    [Fact]
    public void Block_OfTwoSequences_IsTheHandComputation()
    {
        using var scope = NewDisposeScope();
        var random = SeedSequence.For(3, "values");
        double[][][] input = [.. Enumerable.Range(0, 2).Select(_ => Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, s_settings.Dims).Select(_ => (double)(float)random.NextGaussian()).ToArray()).ToArray())];
        var blocks = DenseLayers.Views(HostTensors.Matrix(s_parameters, s_parameters.Length).flatten(), s_layout.Blocks);
        var values = HostTensors.Matrix([.. input.SelectMany(sequence => sequence.SelectMany(row => row.Select(value => (float)value)))], s_settings.Dims);

        var result = new AttentionBlock(blocks.AsMemory(2, AttentionBlock.ParameterCount), s_settings.Heads).Run(values, 2, Batch([[0, 1, 2], [3, 4, 5]]).Ahead(), null);

        AssertClose([.. input.SelectMany(sequence => s_hand.Block(1, sequence)).SelectMany(row => row)], result);
    }

    [Fact]
    public void Run_OfSequencesOfUnequalLength_IsTheHandComputationOfEach()
    {
        using var scope = NewDisposeScope();
        int[][] sequences = [[2, 0, 5, 1], [4], [6, 6, 3]];
        var batch = Batch(sequences);

        var result = Network().Run(batch);

        AssertClose([.. sequences.SelectMany(s_hand.Run).SelectMany(row => row)], result.index_select(0, batch.AllRows()));
        AssertClose([.. sequences.SelectMany(s_hand.Scores)], Network().Scores(result, batch.LastRows()));
    }

    [Fact]
    public void Run_WithAnotherLaterItem_SaysTheSameBeforeIt()
    {
        using var scope = NewDisposeScope();

        var one = HostTensors.Values(Network().Run(Batch([[2, 0, 5, 1]]))).ToArray();
        var other = HostTensors.Values(Network().Run(Batch([[2, 0, 5, 6]]))).ToArray();

        Assert.Equal(one[..(3 * s_settings.Dims)], other[..(3 * s_settings.Dims)]);
        Assert.NotEqual(one[^s_settings.Dims..], other[^s_settings.Dims..]);
    }

    [Fact]
    public void Loss_OfTwoWindows_IsTheHandCrossEntropyOverTheExamplesOfTheStep()
    {
        using var scope = NewDisposeScope();
        var sequences = Sequences.Of([2, 0, 5, 1], [6, 4]);
        SequenceWindow[] windows = [new(0, 0, 3), new(1, 0, 1)];

        var loss = SequenceTrainer.Loss(Network(), sequences, windows, examples: 10, null).item<float>();

        Assert.Equal((s_hand.Loss([2, 0, 5, 1]) + s_hand.Loss([6, 4])) / 10, loss, 1e-5);
    }

    private static SequenceNetwork Network() => new(s_settings, s_layout, HostTensors.Matrix(s_parameters, s_parameters.Length).flatten());

    private static SequenceBatch Batch(int[][] sequences) => new([.. sequences.Select(items => new ReadOnlyMemory<int>(items))]);

    private static float[] Parameters()
    {
        var (values, random) = (new float[s_layout.Length], SeedSequence.For(1, "parameters"));
        foreach (ref var value in values.AsSpan())
        {
            value = (float)(0.7 * random.NextGaussian()); // scales and shifts too, so that none can be left out unnoticed
        }

        return values;
    }

    private static void AssertClose(double[] expected, Tensor actual)
    {
        var values = HostTensors.Values(actual.contiguous()).ToArray();
        Assert.Equal(expected.Length, values.Length);
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, 2e-5 * Math.Max(1, Math.Abs(pair.First))));
    }
}
