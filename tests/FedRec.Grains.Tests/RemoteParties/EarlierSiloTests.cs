using FedRec.Contracts.Federations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Aggregation;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>A silo of an earlier release, which passes over members that it does not know, asks no party that was not selected: it refuses all that is of such a run, in words that say what to do.</summary>
public sealed class EarlierSiloTests
{
    [Fact]
    public void Request_ThatSelectsParties_NamesNoLearnerToWhoeverDoesNotKnowThat_AndIsTheSameToWhoeverDoes()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var (all, some) = (new RunRequest { Federation = "shop", Learner = "mf" }, new RunRequest { PartyLabels = "region=eu", Federation = "shop", Learner = "mf" });
        EarlierRequest Earlier(RunRequest request) => serializer.Deserialize<EarlierRequest>(serializer.SerializeToArray(request))!;

        Assert.Equal("mf", TestFederation.Parts.Learner(Earlier(all).Learner).Name);
        Assert.Contains("of an earlier release does not know these: update it", Assert.Throws<ArgumentException>(() => TestFederation.Parts.Learner(Earlier(some).Learner)).Message, StringComparison.Ordinal);
        Assert.Equal(("shop", some), (Earlier(some).Federation, all with { PartyLabels = "region=eu" }));
        Assert.Equal("mf", serializer.Deserialize<RunRequest>(serializer.SerializeToArray(some))!.Learner);
        Assert.Equal("mf", TestFederation.Parts.Learner(Earlier(some with { PartyLabels = null }).Learner).Name);
        Assert.Equal("ease", (some with { Learner = "ease" }).Learner);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("distributed")] // whoever knows privacy and not this would send updates without noise
    public void Request_WithPrivacy_NamesNoLearnerToWhoeverDoesNotKnowThat(string? noise)
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var request = new RunRequest { Federation = "shop", Learner = "mf", Privacy = new() { Epsilon = 1, Noise = noise } };
        Assert.Equal(("mf", noise is null), (request.Learner, EndsWith(serializer, request, RunRequest.WithPrivacy)));

        var earlier = serializer.Deserialize<EarlierRequest>(serializer.SerializeToArray(request))!;

        Assert.Contains("of an earlier release does not know it: update it", Assert.Throws<ArgumentException>(() => TestFederation.Parts.Learner(earlier.Learner)).Message, StringComparison.Ordinal);
        Assert.Equal(request, serializer.Deserialize<RunRequest>(serializer.SerializeToArray(request)));
    }

    private static bool EndsWith(Serializer serializer, RunRequest request, string words) => serializer.Deserialize<EarlierRequest>(serializer.SerializeToArray(request))!.Learner.EndsWith(words, StringComparison.Ordinal);

    [Fact]
    public async Task Start_WithPartiesSelectedByLabels_WhileASiloIsOfAnEarlierRelease_IsRefusedByItsNameAndLeavesNoTrace()
    {
        await using var remote = await RemoteFederation.StartAsync(2);
        var (federation, earlier) = (remote.Cluster.Grains.GetGrain<IFederationGrain>(RemoteFederation.Name), remote.Cluster.Cluster.Silos[1].SiloAddress);
        remote.Cluster.Gate.After = call =>
        {
            if (call.MethodName == nameof(ILocalAggregator.FindMissingAsync) && call.TargetContext.Address.SiloAddress!.Equals(earlier) && call.Request.GetArgument(0) is RunRequest { PartyLabels: not null } request)
            {
                call.Result = $"There is no learner '{request.Learner}{RunRequest.OfSelectedParties}'. Did you mean mf?"; // in the words of such a release
            }
        };

        var refused = await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf") with { PartyLabels = "region=eu" });
        var runs = (await federation.GetSummaryAsync()).Runs;
        remote.Work();
        var all = await remote.Cluster.RunAsync(RemoteFederation.Request("mf"));

        Assert.Equal((RunOutcome.Invalid, $"Silo {earlier} is of an earlier release, which does not know parties that are selected by labels and would ask all. Update or end it, and start the run again; nothing was started."),
            (refused.Outcome, refused.Message));
        Assert.Empty(runs);
        Assert.Equal((RunPhase.Completed, 3), (all.Phase, all.Clients)); // whoever selects nobody is not held up
    }

    [Fact]
    public async Task Order_OfARoundOfSelectedParties_IsNoPlanToWhoeverDoesNotKnowThem()
    {
        await using var remote = await RemoteFederation.StartAsync(1);
        var orders = new List<RoundOrder>();
        remote.Cluster.Gate.After = call =>
        {
            if (call.MethodName == nameof(IRoundGrain.OpenAsync) && call.Request.GetArgument(0) is RoundOrder order)
            {
                lock (orders)
                {
                    orders.Add(order);
                }
            }
        };
        remote.Work();

        Assert.Equal(RunPhase.Completed, (await remote.Cluster.RunAsync(RemoteFederation.Request("mf") with { PartyLabels = "region=eu" })).Phase);

        Assert.NotEmpty(orders);
        Assert.All(orders, order => Assert.Equal(2, RoundMessages.ToPlan(order, MeanAggregator.Instance).Cohort.Length));
        Assert.All(orders, order => Assert.Throws<ArgumentException>(() => RoundMessages.ToPlan(order with { Among = null }, MeanAggregator.Instance)));
    }
}

/// <summary>A request as releases read it that knew no selection of parties.</summary>
[GenerateSerializer]
internal sealed record EarlierRequest
{
    [Id(0)] public string Federation { get; init; } = "";

    [Id(2)] public string Learner { get; init; } = "";
}
