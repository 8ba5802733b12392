using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Learners.MatrixFactorizations;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners;

/// <summary>Interactions without kinds train and score with the bytes they had before interactions could count differently.</summary>
public sealed class UnweightedBytesTests
{
    [Theory]
    [InlineData(MatrixFactorizationObjective.LeastSquares, "873224c4d1ec81ae")]
    [InlineData(MatrixFactorizationObjective.Logistic, "54be17415a645b46")]
    [InlineData(MatrixFactorizationObjective.Pairwise, "6c46826f41719f1a")]
    public void TrainAndScore_WithoutWeights_GivesTheBytesOfBefore(MatrixFactorizationObjective objective, string expected)
    {
        var learner = new MatrixFactorization(Toy.Options(objective, dims: 32), Toy.Items);
        var model = learner.Prepare(learner.Initialize(5));
        using var worker = learner.CreateWorker();
        var (buffer, scores) = (new UpdateBuffer(), new float[Toy.Items]);

        var result = worker.Train(model, new LocalTask(Toy.Client(2, 5, 9), SeedSequence.For(1, 3, 0)), buffer);
        worker.Score(model, Toy.Train.Items(7), scores);

        var bytes = MemoryMarshal.AsBytes(buffer.Values).ToArray().Concat(MemoryMarshal.AsBytes(scores.AsSpan()).ToArray()).Concat(BitConverter.GetBytes(result.Loss));
        Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData([.. bytes]))[..16]);
    }
}
