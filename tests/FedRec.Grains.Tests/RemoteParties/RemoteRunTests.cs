using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Grains.Tests.Parties;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>To a run a party with a process of its own is a client like any other.</summary>
public sealed class RemoteRunTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("remote-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("ease", 1)]
    [InlineData("ease", 2)]
    [InlineData("mf", 1)]
    [InlineData("mf", 2)]
    public async Task Run_OfRemoteParties_GivesTheBytesAndMetricsOfHostedAndSimulatedOnes(string learner, short silos)
    {
        await using var remote = await RemoteFederation.StartAsync(silos);
        remote.Write(_folder);
        await remote.ImportAsync("hosted");

        remote.Work();
        var own = await remote.Cluster.RunAsync(RemoteFederation.Request(learner));
        var hosted = await remote.Cluster.RunAsync(RemoteFederation.Request(learner, "hosted"));
        var loaded = await remote.Cluster.RunAsync(RemoteFederation.Request(learner, "loaded"), new DataSpec { Path = _folder.FullName });

        Assert.Equal((RunPhase.Completed, 3, 60, 40), (own.Phase, own.Clients, own.Users, own.Items));
        Assert.Equal((hosted.Sha256, loaded.Sha256), (own.Sha256, own.Sha256));
        Assert.Equal(HostedFederationTests.Found(await HostedFederationTests.ManifestAsync(remote.Cluster, "hosted"), "test"), HostedFederationTests.Found(await HostedFederationTests.ManifestAsync(remote.Cluster, RemoteFederation.Name), "test"));
        var records = await remote.Cluster.Grains.GetGrain<IPartiesGrain>(RemoteFederation.Name).ListAsync();
        Assert.Equal([0, 1, 2], records.Select(party => party.Client!.Value));
        Assert.All(records, party => Assert.Equal((own.RoundsDone, 0), (party.Counted, party.Refused)));
    }

    [Fact]
    public async Task Run_WithASuspendedParty_GoesOnWithoutItAndItsOrderIsNotWaitedFor()
    {
        await using var remote = await RemoteFederation.StartAsync(1);
        await remote.Parties[1].Parties.SetStandingAsync("south", PartyStanding.Suspended);

        remote.Work(remote.Parties[0], remote.Parties[2]);
        var run = await remote.Cluster.RunAsync(RemoteFederation.Request("mf"));

        Assert.Equal(RunPhase.Completed, run.Phase);
        var record = await remote.Parties[1].Twin.GetAsync();
        Assert.Equal((PartyStanding.Suspended, 0L), (record!.Standing, record.Counted));
        Assert.True(record.Refused > 0);
    }

    [Theory]
    [InlineData("mf", "scaffold")]
    public async Task Start_OfARunThatRemotePartiesCannotDo_IsRefusedAndLeavesNoTrace(string learner, string option)
    {
        await using var remote = await RemoteFederation.StartAsync(1);
        var request = RemoteFederation.Request(learner);

        var receipt = await remote.Cluster.StartRunAsync(request with
        {
            LearnerOptions = request.LearnerOptions.Add("objective", "logistic").Add(option, "on"),
            ServerOptimizer = new ServerOptimizerSettings { Name = "sgd", LearningRate = 1 },
            Rounds = request.Rounds with { Weighting = "uniform" },
        });

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains("keep something from round to round, which parties with a process of their own do not do yet", receipt.Message, StringComparison.Ordinal);
        Assert.Empty((await remote.Cluster.Grains.GetGrain<IFederationGrain>(RemoteFederation.Name).GetSummaryAsync()).Runs);
    }
}
