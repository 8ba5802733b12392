using System.Security.Cryptography;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Privacy;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Personalization.Clusters;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Models that are trained with masked updates are those that are trained without, byte for byte.</summary>
public sealed class SecureMeanTests
{
    private const int Length = 4;
    private static readonly SecureMean s_quick = new(QuickSuite.Instance);
    private static readonly SumScale s_scale = SumScale.For(clients: 30);

    [Theory]
    [InlineData("mf", "", "examples")]
    [InlineData("mf", "objective=bpr", "inverse")]
    [InlineData("mf", "objective=bpr", "loss")]
    [InlineData("ease", "", "uniform")]
    [InlineData("two-tower", "dims=2,hidden-units=2", "examples")]
    [InlineData("ncf", "dims=2", "uniform")]
    public void Train_WithMaskedUpdates_GivesTheSameBytes(string learner, string options, string weighting)
    {
        var (open, masked) = (Train(MeanAggregator.Instance), Train(s_quick));

        Assert.True(open.Span.SequenceEqual(masked.Span));
        Assert.False(open.Span.SequenceEqual(Learner(learner, options).Initialize(1))); // it has learned something

        ReadOnlyMemory<float> Train(IAggregator aggregator) => new InProcessFederation(Learner(learner, options), _ => new SgdOptimizer(), ClientWeighting.Parse(weighting, 0))
        {
            Aggregator = aggregator,
            Faults = new SimulatedFaults(0.1, 0.1),
            Cohort = CohortOptions.Everybody with { Quorum = 0.5 },
        }.Train([.. ClusterToy.Clients.Clients], rounds: 3, seed: 1);
    }

    [Fact]
    public void Train_WithNoiseAndMaskedUpdates_GivesTheBytesOfNoiseAlone()
    {
        var (open, masked) = (Train(MeanAggregator.Instance), Train(s_quick));

        Assert.True(open.Span.SequenceEqual(masked.Span));

        ReadOnlyMemory<float> Train(IAggregator aggregator) => new InProcessFederation(Learner("mf", "objective=bpr"), _ => new SgdOptimizer(), ClientWeighting.Parse("uniform", 0))
        {
            Aggregator = aggregator,
            Steps = UpdatePipeline.Empty.Then(new NormClipping(1)),
            Cohort = new CohortOptions(20, 0, 0.5),
            Privacy = new(() => new CentralPrivacy(1, 0.5, new SecretKey(new byte[SecretKey.Length]), "run")),
        }.Train([.. ClusterToy.Clients.Clients], rounds: 3, seed: 1);
    }

    [Fact]
    public void Read_OfWhatTravelled_IsWhatWasSent()
    {
        var sent = Updates(1, 4, 7);

        var read = (MaskedUpdates)s_quick.Read(Length, sent.Encoded, sent.Totals);

        Assert.Equal([1, 4, 7], read.Sum.Clients.AsEnumerable());
        Assert.Equal(sent.Encoded.ToArray(), read.Encoded.ToArray());
        Assert.Equal(3, read.Totals.Clients);
    }

    [Fact]
    public void Read_OfDamagedBytes_IsRefused()
    {
        var sent = Updates(1, 4);
        var bytes = sent.Encoded.ToArray();

        Assert.All(Enumerable.Range(0, bytes.Length), cut => Assert.Throws<InvalidDataException>(() => s_quick.Read(Length, bytes.AsMemory(0, cut), sent.Totals)));
        Assert.Throws<InvalidDataException>(() => s_quick.Read(Length, bytes, Updates(1).Totals));
        Assert.Throws<InvalidDataException>(() => s_quick.Read(Length + 1, bytes, sent.Totals));
    }

    [Fact]
    public void Merge_InAnyGrouping_GivesTheSameBytes_AndTakesNobodyTwice()
    {
        var (left, right, all) = (Updates(2, 9), Updates(1, 4), Updates(1, 2, 4, 9));

        left.Merge(right);

        Assert.Equal(all.Encoded.ToArray(), left.Encoded.ToArray());
        Assert.False(left.CanMerge(Updates(4)));
        Assert.Throws<ArgumentException>(() => left.Merge(Updates(4)));
        Assert.Equal(all.Encoded.ToArray(), left.Encoded.ToArray());
    }

    [Fact]
    public void MaskedUpdates_CannotBeRead_NorTakeOpenOnes()
    {
        var masked = Updates(1, 2);

        Assert.False(masked.IsOpen);
        Assert.Equal((0, 0, 0), (masked.Totals.Weight, masked.Totals.Loss, masked.Totals.Examples));
        Assert.Throws<InvalidOperationException>(masked.Close);
        Assert.Throws<InvalidOperationException>(() => masked.TryAdd(3, new ClientUpdate(new UpdateBuffer(), 1, 0, 1)));
    }

    [Theory]
    [InlineData("topk=0.1", "as long for everybody")]
    [InlineData("int8", "as long for everybody")]
    [InlineData("zstd", "as long for everybody")]
    public void Way_OfUpdatesThatAreNotDense_IsRefused(string steps, string reason)
    {
        var refusal = Assert.Throws<ArgumentException>(() => UpdateWay.For(Learner("mf", "objective=bpr"), FederationParts.BuiltIn(), new UpdateSettings(Aggregator: "secure-mean", Steps: steps), clients: 30));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Way_OfClientsThatKeepSomething_IsRefused() => Assert.Contains(
        "scaffold",
        Assert.Throws<ArgumentException>(() => UpdateWay.For(Learner("mf", "objective=bpr,scaffold=on"), FederationParts.BuiltIn(), new UpdateSettings(Aggregator: "secure-mean"), clients: 30)).Message,
        StringComparison.Ordinal);

    private static MaskedUpdates Updates(params int[] clients)
    {
        var updates = new MaskedUpdates(Length, s_scale);
        foreach (var client in clients)
        {
            var words = new byte[(Length + 3) * sizeof(long)];
            SHA256.HashData(BitConverter.GetBytes(client)).CopyTo(words, 8);
            Assert.True(updates.TryAdd(new MaskedInput(new InputReceipt(client, [], new byte[32], new byte[] { (byte)client }), words)));
            Assert.False(updates.TryAdd(new MaskedInput(new InputReceipt(client, [], new byte[32], default), words)));
        }

        return updates;
    }

    private static ILearner Learner(string name, string options) => LearnerRegistry.Create(
        name, options.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(option => option.Split('=')).ToDictionary(part => part[0], part => part[1]), FederationShape.Of(ClusterToy.Data, 30));
}
