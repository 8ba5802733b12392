using System.Collections.Concurrent;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Grains.Privacy;
using FedRec.Grains.Tests.Privacy;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Rounds;

/// <summary>Runs whose updates are masked: the same models, from sums of which no round learns more than what all of them come to.</summary>
public sealed class SecureRunTests
{
    [Theory]
    [InlineData(1, "secure-mean", 12, null, false)]
    [InlineData(3, "quick-secure-mean", 0, null, false)]
    [InlineData(2, "quick-secure-mean", 0, null, true)] // silos are asked, and not each client
    [InlineData(2, "quick-secure-mean", 0, 3, false)] // regions put masked sums together
    public async Task Run_WithMaskedUpdates_GivesTheSameModel(short silos, string aggregator, int cohort, int? regions, bool inBatches)
    {
        await using var open = await StartAsync(1);
        var expected = await open.RunAsync(Request("mean", cohort));
        await using var cluster = await StartAsync(silos, inBatches);

        var status = await cluster.RunAsync(Request(aggregator, cohort, regions));

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.Equal(expected.Rounds.Select(round => (round.Participants, round.Loss, round.Rejected, round.Dropped)), status.Rounds.Select(round => (round.Participants, round.Loss, round.Rejected, round.Dropped)));
    }

    [Theory]
    [InlineData("ease")]
    [InlineData("two-tower")]
    public async Task Run_OfOtherLearners_GivesTheSameModel(string learner)
    {
        await using var cluster = await StartAsync(2);
        var request = Request("mean") with { Learner = learner, LearnerOptions = learner == "ease" ? Small.Clear() : Small };
        request = learner == "ease" ? request with { Rounds = request.Rounds with { Count = 0 } } : request;

        var expected = await cluster.RunAsync(request);
        var status = await cluster.RunAsync(request with { Rounds = request.Rounds with { Aggregator = "quick-secure-mean" } });

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
    }

    [Fact]
    public async Task Run_WithNoise_GivesTheModelOfNoiseWithoutMasks()
    {
        await using var open = await PrivateFederation.StartAsync();
        var expected = await open.RunAsync(PrivateFederation.Request());
        await using var masked = await PrivateFederation.StartAsync();

        var status = await masked.RunAsync(PrivateFederation.Masked(PrivateFederation.Request()));

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
    }

    // Whatever reaches a round, or goes from a silo to another, is masked: no sum but the last one is of values that clients can have sent.
    [Fact]
    public async Task Sums_OnTheirWay_AreMasked()
    {
        await using var cluster = await StartAsync(2);
        var (sums, answers) = (new ConcurrentQueue<PartialSum>(), new ConcurrentQueue<SecureStep>());
        cluster.Gate.After = call =>
        {
            if (call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.SubmitAsync) })
            {
                sums.Enqueue((PartialSum)call.Request.GetArgument(0)!);
            }
            else if (call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.AnswerAsync) })
            {
                answers.Enqueue(((SecureAnswers)call.Request.GetArgument(0)!).Step);
            }
        };

        await cluster.RunAsync(Request("quick-secure-mean"));

        Assert.All(sums, sum => Assert.Equal((0, 0, 0, 0), (sum.Weight, sum.Loss, sum.Examples, sum.MaxWeight)));
        Assert.All(sums, sum => Assert.InRange(Large(sum.Values.Span), 0.9, 1)); // of random words of 64 bits nearly all are larger than what clients can add
        Assert.Equal([SecureStep.Advertise, SecureStep.Share, SecureStep.Consent, SecureStep.Unmask], answers.Distinct().Order());
    }

    [Theory]
    [InlineData(SecureStep.Advertise)]
    [InlineData(SecureStep.Share)]
    public async Task Run_WhoseSiloIsLostBeforeUpdatesAreMasked_BeginsTheRoundAgainAndCountsAll(SecureStep step)
    {
        await using var open = await StartAsync(1);
        var expected = await open.RunAsync(Request("mean"));
        await using var cluster = await StartAsync(3);
        var killed = 0;
        cluster.Gate.After = call =>
        {
            if (call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.AnswerAsync) } && ((SecureAnswers)call.Request.GetArgument(0)!).Step == step && Interlocked.Exchange(ref killed, 1) == 0)
            {
                _ = KillAnotherAsync(cluster, call.TargetId);
            }
        };

        var status = await cluster.RunAsync(Request("quick-secure-mean"));

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.All(status.Rounds, round => Assert.Equal(60, round.Participants));
    }

    [Fact]
    public async Task Run_WithTooFewClientsToHideOne_SaysSo()
    {
        await using var cluster = await StartAsync(1);

        var status = await cluster.RunAsync(Request("secure-mean", cohort: 2));

        Assert.Equal(RunPhase.Failed, status.Phase);
        Assert.Contains("3 to 10000 clients", status.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OnASiloWithoutAKey_SaysWhereOneIsSet()
    {
        await using var cluster = await TestFederation.StartAsync(1);

        var status = await cluster.RunAsync(Request("secure-mean", cohort: 5));

        Assert.Equal(RunPhase.Failed, status.Phase);
        Assert.Contains("FedRec:Privacy:KeyFile", status.Reason, StringComparison.Ordinal);
    }

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, string> Small { get; } =
        System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("dims", "2").Add("hidden-units", "2");

    private static readonly TimeSpan s_time = TimeSpan.FromMinutes(10); // a machine that is busy loses no client

    private static Task<TestFederation> StartAsync(short silos, bool inBatches = false) => TestFederation.StartAsync(silos, configure: silo =>
    {
        silo.Services.AddSingleton(new SiloSecret(() => PrivateFederation.Key));
        silo.Services.Configure<TrainingOptions>(options => options.AskInBatches = inBatches);
    });

    private static RunRequest Request(string aggregator, int cohort = 0, int? regions = null) =>
        TestFederation.Request(rounds: 2) is var request ? request with { Rounds = request.Rounds with { Aggregator = aggregator, CohortSize = cohort, Regions = regions, Deadline = s_time } } : request;

    private static double Large(ReadOnlySpan<byte> values)
    {
        var words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(values[^(values.Length / 2 / sizeof(long) * sizeof(long))..]); // receipts come first
        var large = 0;
        foreach (var word in words)
        {
            large += Math.Abs(word / 2) > 1L << 52 ? 1 : 0;
        }

        return (double)large / words.Length;
    }

    private static async Task KillAnotherAsync(TestFederation cluster, GrainId round)
    {
        await Task.Yield(); // the call that is being looked at is answered first
        var home = await cluster.SiloOfAsync((IAddressable)cluster.Grains.GetGrain(round));
        await cluster.Cluster.KillSiloAsync(cluster.Cluster.Silos.Last(silo => !silo.SiloAddress.Equals(home)));
    }
}
