using System.Collections.Concurrent;
using System.Collections.Immutable;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Grains.Runs;
using FedRec.Grains.Tests.Messages;
using FedRec.Grains.Tests.Parties;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Models;

/// <summary>Silos that hold the parameters of an earlier round fetch what has changed; what is recorded of it is what was sent, and no message grows with the model.</summary>
public sealed class ParameterDownloadTests
{
    private const int Block = 4_096;
    private readonly ConcurrentQueue<(int Round, ParameterChange Change)> _changes = new();
    private readonly ConcurrentQueue<(int Round, ParameterSlice Slice)> _slices = new();
    private readonly ConcurrentQueue<(int Round, long Bytes)> _sums = new();
    private readonly ConcurrentQueue<(int Round, long Bytes)> _moved = new();
    private readonly ConcurrentQueue<(int Round, long Bytes)> _here = new();
    private readonly ConcurrentDictionary<Guid, long> _staged = new();
    private int _damaged;

    [Theory]
    [InlineData("mf", "objective=logistic", 4)]
    [InlineData("mf", "", 60)]
    [InlineData("two-tower", "", 20)]
    [InlineData("ncf", "", 20)]
    [InlineData("ease", "lambda=500", 0)]
    public async Task Run_OnThreeSilos_RecordsTheBytesThatWereSent_AndEndsAtTheModelOfOne(string learner, string options, int cohort)
    {
        var request = Request(learner, options, cohort);
        await using var one = await TestFederation.StartAsync(1);
        await using var three = await TestFederation.StartAsync(3, configure: Configure);
        Watch(three);

        var alone = await one.RunAsync(request);
        var status = await three.RunAsync(request);

        Assert.Equal((RunPhase.Completed, alone.Sha256), (status.Phase, status.Sha256));
        var last = status.RoundsDone; // what is fetched to measure the last model is after all records
        var fetched = _changes.Where(one => one.Round < last).Sum(one => (long)one.Change.Bytes.Length) + _slices.Where(one => one.Round < last).Sum(one => (long)one.Slice.Bytes.Length);
        Assert.Equal((fetched, 0), (status.Rounds.Sum(round => round.ModelBytes), status.Rounds.Sum(round => round.Resyncs)));
        Assert.Equal(status.Rounds.Select(round => _sums.Where(sum => sum.Round == round.Round).Sum(sum => sum.Bytes)), status.Rounds.Select(round => round.SumBytes));
        Assert.Equal(status.Rounds.Select(round => _moved.Where(sum => sum.Round == round.Round).Sum(sum => sum.Bytes)), status.Rounds.Select(round => round.MovedSumBytes));
        Assert.NotEqual(0, status.Rounds.Sum(round => round.MovedSumBytes));
        Assert.Equal((0, 0, 0), (alone.Rounds.Sum(round => round.ModelBytes), alone.Rounds.Sum(round => round.Resyncs), alone.Rounds.Sum(round => round.MovedSumBytes))); // nothing moved
    }

    [Fact]
    public async Task Run_OfFewClientsARound_FetchesLessThanHalfOfTheParameters()
    {
        await using var federation = await TestFederation.StartAsync(2, configure: silo =>
        {
            Configure(silo);
            silo.Services.Configure<TrainingOptions>(options => options.AskInBatches = true); // dealt by their numbers: some of each round to either silo
        });
        Watch(federation);

        var status = await federation.RunAsync(Request("mf", "objective=logistic epochs=1", 4) with { ServerOptimizer = new ServerOptimizerSettings { Name = "fedavg" } }, new DataSpec { SyntheticUsers = 60, SyntheticItems = 3_000 });

        var differences = _changes.Where(one => one.Change.IsDifference).ToArray();
        var all = _slices.First().Slice.TotalBytes;
        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.True(differences.Length > 2, $"{differences.Length} differences");
        Assert.All(differences, one => Assert.True(one.Change.TotalBytes < all, "a difference is larger than all"));
        Assert.True(differences.GroupBy(one => one.Round).Average(one => one.First().Change.TotalBytes) < all / 2.0, $"{differences.Average(one => one.Change.TotalBytes)} of {all}");
    }

    [Fact]
    public async Task Difference_ThatLeadsElsewhere_IsFollowedByAll_AndCounted()
    {
        var request = Request("mf", "objective=logistic", 30);
        await using var one = await TestFederation.StartAsync(1);
        await using var three = await TestFederation.StartAsync(3, configure: Configure);
        Watch(three, (round, change) => round == 3 && change.IsDifference && Interlocked.Increment(ref _damaged) == 1 ? change with { Bytes = Flipped(change.Bytes) } : change);

        var alone = await one.RunAsync(request);
        var status = await three.RunAsync(request);

        Assert.Equal((RunPhase.Completed, alone.Sha256), (status.Phase, status.Sha256));
        Assert.True(_damaged > 0, "nothing was damaged");
        Assert.Equal(1, status.Rounds.Sum(round => round.Resyncs));
    }

    [Theory]
    [InlineData("mf", "objective=logistic dims=64", "mean")]
    [InlineData("two-tower", "dims=64", "mean")]
    [InlineData("ncf", "dims=64", "mean")]
    [InlineData("ncf", "dims=64", "median")]
    [InlineData("ease", "lambda=500", "mean")]
    public async Task Message_OfAnyKind_IsNoLargerThanABlock_HoweverLargeTheModel(string learner, string options, string aggregator)
    {
        var request = Request(learner, options, learner == "ease" ? 0 : 12);
        request = request with { Rounds = request.Rounds with { Aggregator = aggregator, Regions = aggregator == "mean" && learner != "ease" ? 2 : null } };
        await using var federation = await TestFederation.StartAsync(3, configure: Configure);
        var calls = new CapturedCalls();
        calls.Watch(federation.Gate);

        var status = await federation.RunAsync(request, new DataSpec { SyntheticUsers = 40, SyntheticItems = 400 });

        Assert.Equal(RunPhase.Completed, status.Phase);
        var model = (await HostedFederationTests.ManifestAsync(federation, "test")).Bytes;
        Assert.True(model > 12 * Block, $"the model has {model} bytes");
        Assert.Contains(calls.Messages, one => one.Message is ParameterSlice or ParameterChange);
        Assert.Empty(calls.Messages.Select(one => (one.Call, Bytes: federation.Serializer.SerializeToArray(one.Message).Length)).Where(one => one.Bytes > 3 * Block).Distinct());
    }

    // Clients on all silos, so that each of them fetches.
    private static void Configure(ISiloBuilder silo) =>
        silo.Services.Configure<TrainingOptions>(options => options.SumBlockBytes = Block).AddSingleton<PlacementStrategy, RandomPlacement>();

    private static RunRequest Request(string learner, string options, int cohort) => TestFederation.Request(rounds: learner == "ease" ? 0 : 6) with
    {
        Learner = learner,
        LearnerOptions = options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(option => option.Split('=')).ToImmutableSortedDictionary(option => option[0], option => option[1]),
        Rounds = new RoundSettings { Count = learner == "ease" ? 0 : 6, CohortSize = cohort },
    };

    [Fact]
    public async Task Part_OfWhateverSizeIsAskedFor_IsNoLargerThanAMessageMayBe()
    {
        var (offered, random) = (new OfferedParameters(), new Random(3));
        var values = Enumerable.Range(0, 5_000_000).Select(_ => random.NextSingle()).ToArray();
        offered.Put(4, new float[values.Length], LearningPhase.Training);
        offered.Put(5, values, LearningPhase.Training);

        var (slice, change) = (offered.Read(5, 0, int.MaxValue)!, (await offered.ReadChangeAsync(new ParameterRequest(5, 4, 0, int.MaxValue)))!);
        var end = offered.Read(5, ParameterSlice.MostBytes, int.MaxValue)!;

        Assert.Equal((ParameterSlice.MostBytes, ParameterSlice.MostBytes, true), (slice.Bytes.Length, Math.Max(change.Bytes.Length, ParameterSlice.MostBytes), change.TotalBytes <= slice.TotalBytes));
        Assert.Equal(slice.TotalBytes, slice.Bytes.Length + end.Bytes.Length);
        Assert.Equal(slice.Bytes.Length + change.Bytes.Length + end.Bytes.Length, offered.TakeSent().Bytes);
        Assert.Equal(0, offered.TakeSent().Bytes);
        offered.Forget(5);
        Assert.Null(offered.Read(4, 0, 1));
    }

    private static byte[] Flipped(ReadOnlyMemory<byte> bytes)
    {
        var damaged = bytes.ToArray();
        damaged[^1] ^= 1;
        return damaged;
    }

    private void Watch(TestFederation federation, Func<int, ParameterChange, ParameterChange>? change = null) => federation.Gate.After = call =>
    {
        switch (call.Result, call.Request.GetArgumentCount() == 0 ? null : call.Request.GetArgument(0))
        {
            case (ParameterChange sent, ParameterRequest request):
                _changes.Enqueue((request.Round, sent));
                call.Result = change?.Invoke(request.Round, sent) ?? sent;
                break;
            case (ParameterSlice sent, int round):
                _slices.Enqueue((round, sent));
                break;
            case (UpdateReceipt.Accepted, PartialSum sum) when call.Grain is IRoundGrain:
                _sums.Enqueue((sum.CollectedIn(), sum.Values.Length));
                (sum.From!.Equals(call.TargetContext.Address.SiloAddress) ? _here : _moved).Enqueue((sum.CollectedIn(), sum.Values.Length + _staged.GetValueOrDefault(sum.Staged)));
                break;
            case (_, SumBlock block) when call.Grain is IRoundGrain:
                _sums.Enqueue((GrainKeys.ClientNumber(call.TargetContext.GrainId.Key.ToString()!), block.Bytes.Length));
                _staged.AddOrUpdate(block.Sum, block.Bytes.Length, (_, bytes) => bytes + block.Bytes.Length);
                break;
        }
    };
}
