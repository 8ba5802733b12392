using FedRec.Cli;
using FedRec.Cli.Parties;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>What a party's owner forbids is not done, whatever is asked, and the coordinator is told why.</summary>
public sealed class PartyPolicyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{ "forbidModes": ["async"] }""", "async", 0, "mf", 0, "forbids runs in mode async")]
    [InlineData("""{ "forbidModes": ["async"] }""", null, 0, "mf", 0, null)]
    [InlineData("""{ "forbidModes": ["sync"] }""", null, 0, "mf", 0, "forbids runs in mode sync")]
    [InlineData("""{ "denyLearners": ["ease"] }""", null, 0, "ease", 0, "forbids learner ease")]
    [InlineData("""{ "denyLearners": ["ease"] }""", null, 0, "mf", 0, null)]
    [InlineData("""{ "allowLearners": ["ease", "mf"] }""", null, 0, "ncf", 0, "allows no learner but ease, mf, and this run is one of ncf")]
    [InlineData("""{ "allowLearners": ["ease", "mf"] }""", null, 0, "mf", 0, null)]
    [InlineData("""{ "minimumCohort": 4 }""", null, 0, "mf", 0, "at least 4 clients, and those of this run ask 3")]
    [InlineData("""{ "minimumCohort": 3 }""", null, 0, "mf", 0, null)]
    [InlineData("""{ "minimumCohort": 3 }""", null, 2, "mf", 0, "at least 3 clients, and those of this run ask 2")]
    [InlineData("""{ "minimumCohort": 4 }""", null, 9, "mf", 0, "ask 3")] // nobody asks more clients than there are
    [InlineData("""{ "roundsPerDay": 5 }""", null, 0, "mf", 4, null)]
    [InlineData("""{ "roundsPerDay": 5 }""", null, 0, "mf", 5, "allows 5 rounds in 24 hours, and the party has added to 5")]
    [InlineData("""{ "epsilonPerDay": 8.5 }""", null, 0, "mf", 0, "at most ε = 8.5 in 24 hours, and what is made of this run's updates carries no differential-privacy noise")]
    [InlineData("""{ "requireMasks": true }""", null, 0, "mf", 0, "wants updates to be masked (aggregator secure-mean), and those of this run are not: aggregator mean")]
    [InlineData("""{ "requireMasks": false }""", null, 0, "mf", 0, null)]
    [InlineData("{ // nothing\n }", "async", 1, "mf", 1_000, null)]
    public void WhyNot_AnOrder_IsASentenceOrNothing(string policy, string? mode, int cohort, string learner, int sent, string? expected)
    {
        using var coordinator = new FakeCoordinator();

        var why = Read(policy).WhyNot(coordinator.Order(WorkingParty.Items, learner, rounds: new RoundSettings { Mode = mode, CohortSize = cohort }), new(sent));

        Assert.Equal(expected is null, why is null);
        Assert.Contains(expected ?? "", why ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4.0, 0, null)]
    [InlineData(4.0, 4, null)]
    [InlineData(4.0, 4.5, "this run may spend 4, beside 4.5 of other runs")]
    [InlineData(9.0, 0, "this run may spend 9, beside 0 of other runs")]
    [InlineData(1.0, double.PositiveInfinity, "has added to a run without differential-privacy noise")]
    public void WhyNot_AnOrderOfAPrivateRun_IsWhatItMaySpendBesideTheOthers(double epsilon, double spent, string? expected)
    {
        using var coordinator = new FakeCoordinator();
        var order = coordinator.Order(WorkingParty.Items);
        var policy = Read("""{ "epsilonPerDay": 8 }""");
        order = order with { Request = order.Request with { Privacy = new PrivacySettings { Epsilon = epsilon } } };

        var why = policy.WhyNot(order, new(1, spent));

        Assert.Equal(expected is null, why is null);
        Assert.Contains(expected ?? "", why ?? "", StringComparison.Ordinal);
        Assert.Contains("no noise hides the sums of an evaluation", policy.WhyNot(order with { Evaluation = new PartyEvaluation(Guid.NewGuid(), [10], OnValidation: false, Sampled: false, Shared: false) }, new(0))!, StringComparison.Ordinal);
    }

    // A run without noise, and one whose noise is the coordinator's, are none of those to which the party adds its own.
    [Theory]
    [InlineData(false, null, "and this run has none")]
    [InlineData(true, null, "and that of this run is the coordinator's")]
    [InlineData(true, PrivacySettings.Local, null)]
    [InlineData(true, PrivacySettings.Distributed, null)]
    public void WhyNot_WhereThePartyWantsNoiseOfItsOwn_IsWhoseNoiseItIs(bool isPrivate, string? noise, string? expected)
    {
        using var coordinator = new FakeCoordinator();
        var order = coordinator.Order(WorkingParty.Items);
        order = order with { Request = order.Request with { Privacy = isPrivate ? new PrivacySettings { Epsilon = 2, Noise = noise } : null } };

        var why = Read("""{ "requireOwnNoise": true }""").WhyNot(order, new(0));

        Assert.Equal(expected is null, why is null);
        Assert.Contains(expected ?? "", why ?? "", StringComparison.Ordinal);
        Assert.Null(Read("""{ "requireOwnNoise": false }""").WhyNot(order, new(0)));
    }

    [Theory]
    [InlineData("""{ "roundsPerDay": 5 }""", 9, true)]
    [InlineData("""{ "denyLearners": ["mf"] }""", 0, false)]
    [InlineData("""{ "epsilonPerDay": 1 }""", 0, false)]
    public void WhyNot_AnEvaluation_IsNoRoundButElseLikeOne(string policy, int sent, bool isAllowed)
    {
        using var coordinator = new FakeCoordinator();
        var order = coordinator.Order(WorkingParty.Items) with { Evaluation = new PartyEvaluation(Guid.NewGuid(), [10], OnValidation: false, Sampled: false, Shared: false) };

        Assert.Equal(isAllowed, Read(policy).WhyNot(order, new(sent)) is null);
    }

    [Theory]
    [InlineData("", "is no JSON", "its keys are forbidModes")]
    [InlineData("[]", "is no object", "Begin with {")]
    [InlineData("""{ "minimumCohort": 2, "minimumCohort": 3 }""", "is no JSON", "minimumCohort")]
    [InlineData("""{ "denyLearner": ["mf"] }""", "unknown key 'denyLearner'", "denyLearners")]
    [InlineData("""{ "denyLearners": ["eese"] }""", "'eese' in denyLearners", "ease")]
    [InlineData("""{ "denyLearners": [] }""", "denyLearners = []", "leave the key out")]
    [InlineData("""{ "allowLearners": "mf" }""", "allowLearners = \"mf\"", "Give a list of names")]
    [InlineData("""{ "allowLearners": ["mf"], "denyLearners": ["ease"] }""", "both allowLearners and denyLearners", "Keep one")]
    [InlineData("""{ "forbidModes": ["asynchronous"] }""", "'asynchronous' in forbidModes", "sync, async, gossip")]
    [InlineData("""{ "minimumCohort": 0 }""", "minimumCohort = 0", "from 1 to")]
    [InlineData("""{ "roundsPerDay": 2.5 }""", "roundsPerDay = 2.5", "whole number")]
    [InlineData("""{ "roundsPerDay": null }""", "roundsPerDay = null", "whole number")]
    [InlineData("""{ "requireMasks": 1 }""", "requireMasks = 1", "true or false")]
    [InlineData("""{ "requireOwnNoise": "yes" }""", "requireOwnNoise = \"yes\"", "true or false")]
    [InlineData("""{ "epsilonPerDay": -1 }""", "epsilonPerDay = -1", "above 0")]
    [InlineData("""{ "epsilonPerDay": 1e999 }""", "epsilonPerDay = 1e999", "above 0")]
    public void Read_SomethingElse_NamesFileKeyAndFix(string text, string what, string next)
    {
        var failure = Assert.Throws<CliException>(() => Read(text));

        Assert.Equal(ExitCode.BadConfiguration, failure.ExitCode);
        Assert.StartsWith($"The party's policy {Path.Combine(_folder.Path, "policy.json")} ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(what, failure.Message, StringComparison.Ordinal);
        Assert.Contains(next, failure.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void Words_OfEveryKey_SayWhatIsForbidden()
    {
        Assert.Equal("nothing is forbidden", PartyPolicy.Read(_folder.Path, FederationParts.BuiltIn()).Words());
        var words = Read("""{ "forbidModes": ["async"], "denyLearners": ["ease"], "minimumCohort": 3, "requireMasks": true, "roundsPerDay": 20, "epsilonPerDay": 2 }""").Words();
        Assert.StartsWith("no runs in mode async; no learner ease; no round that asks fewer than 3 clients; no update that is not masked; no more than 20 rounds in 24 hours; no more than ε = 2 in 24 hours, of private runs only, and no evaluation", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Do_WhatIsForbidden_SendsTheReasonAndNothingElse_AndAChangeOfThePolicyCountsAtOnce()
    {
        using var party = new WorkingParty { Policy = """{ "denyLearners": ["mf"] }""" };

        await party.DoAsync(party.Order());
        Assert.Equal("The party's policy forbids learner mf.", Assert.Single(party.Coordinator.Refusals));
        Assert.Empty(party.Coordinator.Updates);
        Assert.Contains("\"refusal\"", Assert.Single(File.ReadAllLines(party.Folder.LogPath)), StringComparison.Ordinal);

        party.Policy = "{ }";
        await party.DoAsync(party.Order());
        Assert.Single(party.Coordinator.Updates);

        party.Policy = "{ denyLearners: }";
        await Assert.ThrowsAsync<CliException>(() => party.DoAsync(party.Order(round: 2)));
        Assert.Equal((1, 1), (party.Coordinator.Updates.Count, party.Coordinator.Refusals.Count));
    }

    [Fact]
    public async Task Do_MoreRunsThanTheirEpsilonAllows_IsRefused_AlsoAfterARestart_AndNotMoreRoundsOfOne()
    {
        using var party = new WorkingParty { Policy = """{ "epsilonPerDay": 8 }""" };
        Task DoAsync(string run, double epsilon, int round = 1) => party.DoAsync(party.Coordinator.Order(WorkingParty.Items, "pca", run, round, clients: 12, epsilon: epsilon));
        await DoAsync("run-1", 4);
        await DoAsync("run-1", 4, round: 2);
        await DoAsync("run-2", 5);

        party.Restart();
        await DoAsync("run-2", 5);
        await DoAsync("run-3", 4);
        await party.DoAsync(party.Order(run: "run-4"));

        Assert.Equal((3, 3), (party.Coordinator.Updates.Count, party.Coordinator.Refusals.Count));
        Assert.All(party.Coordinator.Refusals.Take(2), refusal => Assert.Contains("may spend 5, beside 4 of other runs", refusal, StringComparison.Ordinal));
        Assert.Contains("carries no differential-privacy noise", party.Coordinator.Refusals[2], StringComparison.Ordinal);

        party.Time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
        await DoAsync("run-2", 5);
        Assert.Equal((4, 3), (party.Coordinator.Updates.Count, party.Coordinator.Refusals.Count));
    }

    [Fact]
    public async Task Do_MoreRoundsThanADayAllows_IsRefused_AlsoAfterARestart_AndNotWhatIsAskedAgain()
    {
        using var party = new WorkingParty { Policy = """{ "roundsPerDay": 2 }""" };
        await party.DoAsync(party.Order(round: 1));
        await party.DoAsync(party.Order(round: 2));
        File.AppendAllText(party.Folder.LogPath, """{"at":"2026-01-01T12:00:00+00:00","what":"upd"""); // cut off by a crash: nothing was sent for it

        party.Restart();
        await party.DoAsync(party.Order(round: 3));
        await party.DoAsync(party.Order(round: 2)); // the same bytes again tell nothing new
        Assert.Contains("allows 2 rounds in 24 hours", Assert.Single(party.Coordinator.Refusals), StringComparison.Ordinal);
        Assert.Equal(3, party.Coordinator.Updates.Count);
        Assert.Equal(party.Coordinator.Updates[1], party.Coordinator.Updates[2]);

        party.Time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
        await party.DoAsync(party.Order(round: 3));
        Assert.Equal((4, 1), (party.Coordinator.Updates.Count, party.Coordinator.Refusals.Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Do_AnEvaluationThatIsForbidden_TellsWhy_AndSendsNoSumsToWhoeverTakesNoReason(bool takesSumsOnly)
    {
        using var party = new WorkingParty { Policy = """{ "denyLearners": ["mf"] }""" };
        party.Coordinator.TakesSumsOnly = takesSumsOnly;

        await party.DoAsync(party.Evaluation(round: 2));

        Assert.Equal(takesSumsOnly ? [] : ["The party's policy forbids learner mf."], party.Coordinator.EvaluationRefusals);
        Assert.Equal(takesSumsOnly ? [0] : [], party.Coordinator.Sums.Select(sums => sums.Length));
        Assert.Contains("\"refusal\"", Assert.Single(File.ReadAllLines(party.Folder.LogPath)), StringComparison.Ordinal);
    }

    // The noise is the party's own, and how much it is the coordinator says: what that comes to is not believed, but worked out.
    [Theory]
    [InlineData(4, 0, 4, true, "")] // as much as four rounds need
    [InlineData(4, 0, 5, false, "as much of it as 4 rounds need, and this would be one more")]
    [InlineData(4, 2.5, 3, true, "")]
    [InlineData(4, 2.5, 30, false, "with noise multiplier 2.5 30 rounds come to ε = ")]
    [InlineData(4, 0.1, 1, false, "with noise multiplier 0.1 1 rounds come to ε = ")]
    public void WhyNot_NoiseOfItsOwnThatIsLessThanTheRunSays_IsSaid(double epsilon, double noise, int round, bool isAllowed, string says)
    {
        using var party = new WorkingParty();
        var order = party.Coordinator.Order(WorkingParty.Items, "pca", clients: 12, epsilon: epsilon);
        order = order with { Request = order.Request with { Privacy = order.Request.Privacy! with { Noise = PrivacySettings.Local, NoiseMultiplier = noise } } };

        foreach (var policy in new[] { """{ "epsilonPerDay": 8 }""", """{ "requireOwnNoise": true }""" })
        {
            var why = Read(policy).WhyNot(order, new RecentReleases(round - 1, OfRun: round - 1));
            Assert.Equal(isAllowed, why is null);
            Assert.Contains(says, why ?? "", StringComparison.Ordinal);
        }

        Assert.Null(Read("{ }").WhyNot(order, new RecentReleases(round - 1, OfRun: round - 1)));
        Assert.Null(Read("""{ "epsilonPerDay": 8 }""").WhyNot(order with { Request = order.Request with { Privacy = order.Request.Privacy with { Noise = null } } }, new RecentReleases(round - 1, OfRun: round - 1)));
    }

    private const string Sizes = """{"users":20,"sizeClass":8}""";

    [Theory]
    [InlineData("{ }", Sizes)]
    [InlineData("""{ "allowReports": ["unmatchedItems"] }""", Sizes, """{"users":20,"sizeClass":8,"unmatchedItems":5}""")]
    [InlineData("""{ "allowReports": ["matchedItems", "unmatchedItems", "readAt"] }""",
        """{"users":20,"sizeClass":8,"readAt":"2026-01-01T12:00:00+00:00"}""", """{"users":20,"sizeClass":8,"matchedItems":15,"unmatchedItems":5,"readAt":"2026-01-01T12:00:00+00:00"}""")]
    public async Task Report_IsOfWhatThePolicyAllows_OnceForEachChange_AndIsInTheLog(string policy, params string[] reports)
    {
        using var party = new WorkingParty { Policy = policy };
        party.Time.Advance(TimeSpan.FromSeconds(42)); // the minute is told

        await party.DoAsync(party.Coordinator.Order([.. WorkingParty.Items.Take(15)]));
        await party.DoAsync(party.Coordinator.Order([.. WorkingParty.Items.Take(15)], round: 2));

        Assert.Equal(reports, party.Coordinator.Reports);
        Assert.Equal(reports.Length, File.ReadAllLines(party.Folder.LogPath).Count(line => line.Contains("\"what\":\"report\"", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(1, """{"users":1,"sizeClass":4}""")]
    [InlineData(9, """{"users":9,"sizeClass":7}""")]
    [InlineData(10, """{"users":10,"sizeClass":7}""", """{"users":10,"sizeClass":7,"matchedItems":19,"unmatchedItems":0}""")]
    public async Task Report_OfFewerThanTenUsers_CountsNoItems(int users, params string[] reports)
    {
        using var party = new WorkingParty { Policy = """{ "allowReports": ["matchedItems", "unmatchedItems"] }""" };
        party.Write(users);

        await party.DoAsync(party.Order());

        Assert.Equal(reports, party.Coordinator.Reports);
    }

    [Fact]
    public async Task Report_ToACoordinatorOfAnEarlierRelease_IsOfSizesOnly_AndNotSentAgain()
    {
        using var party = new WorkingParty { Policy = """{ "allowReports": ["unmatchedItems"] }""" };
        party.Coordinator.TakesSizesOnly = true;

        await party.DoAsync(party.Order());
        await party.DoAsync(party.Order(round: 2));

        Assert.Equal([Sizes, """{"users":20,"sizeClass":8,"unmatchedItems":0}""", Sizes], party.Coordinator.Reports);
        Assert.Equal(2, party.Coordinator.Updates.Count);
    }

    private PartyPolicy Read(string text)
    {
        File.WriteAllText(Path.Combine(_folder.Path, PartyPolicy.FileName), text);
        return PartyPolicy.Read(_folder.Path, FederationParts.BuiltIn());
    }
}
