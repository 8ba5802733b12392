using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.NeuralCollaborativeFiltering;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners.NeuralCollaborativeFiltering;

/// <summary>A few users and items, and one client's round.</summary>
internal static class NeuralToy
{
    public const int Items = 9;

    public static readonly int[][] Users = [[0, 2, 5], [1, 2, 3, 8], [4], [0, 7]];

    public static NeuralOptions Options(NeuralModel model) => new()
    {
        Model = model,
        Dims = 3,
        Width = 4,
        Layers = 2,
        HistoryDropout = 0,
        InitScale = 2,
        Negatives = 100,
        Loss = NeuralLoss.Softmax,
        L2User = 0,
    };

    /// <summary>Parameters without zeros, so that every gradient shows.</summary>
    public static float[] Parameters(NeuralLearner learner, ulong seed = 1)
    {
        var (parameters, random) = (learner.Initialize(seed), new SeededRandom(seed));
        return Array.ConvertAll(parameters, value => value + (float)(0.3 * random.NextGaussian()));
    }

    public static ClientData Client(params int[][] users)
    {
        var offsets = new List<int> { 0 };
        offsets.AddRange(users.Select((_, u) => users.Take(u + 1).Sum(own => own.Length)));
        return new ClientData(new UserItems([.. offsets], [.. users.SelectMany(own => own)]), Enumerable.Range(0, users.Length).ToArray(), Items);
    }

    /// <summary>What a client contributes, as one flat vector.</summary>
    public static (float[] Delta, LocalResult Result) Train(ILearner learner, ILearnerWorker worker, float[] parameters, ClientData client, ulong seed = 1)
    {
        var buffer = new UpdateBuffer();
        var result = worker.Train(learner.Prepare(parameters), new(client, SeedSequence.For(seed, 1, 1)), buffer);
        var delta = new float[learner.Recipe(learner.PhaseOf(parameters)).Update.Length];
        for (var segment = 0; segment < buffer.SegmentCount; segment++)
        {
            buffer.SegmentValues(segment).CopyTo(delta.AsSpan(buffer.Offset(segment)));
        }

        return (delta, result);
    }
}
