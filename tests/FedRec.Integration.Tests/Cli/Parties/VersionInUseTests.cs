using System.Net;
using FedRec.Cli.Parties;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>A party serves the version that its coordinator has in use, whether a run, a promotion or a rollback has put it there; where it cannot have it, it goes on and says so.</summary>
public sealed class VersionInUseTests : IDisposable
{
    private readonly WorkingParty _party = new();

    public void Dispose() => _party.Dispose();

    [Fact]
    public async Task Poll_ThatTellsAnotherVersion_ServesIt_AndNotWhatWasEvaluatedSince()
    {
        Assert.Equal((0, 4), await AfterAsync(() => _party.DoAsync(_party.Evaluation(round: 4)))); // nothing is in use yet
        _party.Coordinator.InUse = _party.Version(1, round: 4);
        Assert.Equal((1, 4), await AfterAsync(_party.PollAsync)); // the run's end is published
        Assert.Equal((1, 4), await AfterAsync(() => _party.DoAsync(_party.Evaluation(run: "run-2", round: 3)))); // better or not: the coordinator says
        Assert.Equal((1, 4), await AfterAsync(() => _party.DoAsync(_party.Order(run: "run-3", round: 2))));
        _party.Coordinator.InUse = _party.Version(2, "run-2", 3);
        Assert.Equal((2, 3), await AfterAsync(_party.PollAsync)); // promoted
        _party.Coordinator.InUse = _party.Version(1, round: 4);
        Assert.Equal((1, 4), await AfterAsync(_party.PollAsync)); // rolled back

        Assert.Equal("run-1", _party.Newest.Kept!.Run);
        Assert.Equal(["recommendations are from version 1 (run-1) now, which is in use", "recommendations are from version 2 (run-2) now, which is in use", "recommendations are from version 1 (run-1) now, which is in use"],
            _party.Said.Where(line => line.EndsWith("in use", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Poll_ThatTellsAVersionThatThePartyHas_FetchesNothing()
    {
        await _party.DoAsync(_party.Evaluation(round: 4));
        _party.Coordinator.InUse = _party.Version(1, round: 4);
        await _party.PollAsync();
        await _party.DoAsync(_party.Evaluation(run: "run-2", round: 3)); // kept beside the version in use
        var before = _party.Coordinator.Fetched.Count;

        _party.Coordinator.InUse = _party.Version(2, "run-2", 3);
        await _party.PollAsync();
        await _party.PollAsync();

        Assert.Equal((2, before), (_party.Newest.Kept!.InUse, _party.Coordinator.Fetched.Count));
        Assert.Equal(2, _party.Coordinator.Requests.Count(request => request.Contains("/model'", StringComparison.Ordinal))); // once for each version
    }

    [Fact]
    public async Task Restart_WhileTheCoordinatorIsAway_ServesTheVersionThatWasInUse()
    {
        await _party.DoAsync(_party.Evaluation(run: "run-2", round: 4));
        _party.Coordinator.InUse = _party.Version(7, round: 2);
        await _party.PollAsync();

        _party.Restart();
        await _party.Newest.UseAsync(PartyRows.Open(_party.Folder.Membership, Core.Federation.FederationParts.BuiltIn()));

        Assert.Equal((7, "run-1", 2), (_party.Newest.Kept!.InUse, _party.Newest.Kept.Run, _party.Newest.Kept.Round));
        var view = new PartyAnswers(FakeCoordinator.Federation, _party.Newest).Model();
        Assert.Equal((7, true, null), (view.Version, view.IsInUse, view.InUse));
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.InternalServerError)] // of a silo that does not know the question
    public async Task Poll_ThatTellsAVersionThatCannotBeHad_GoesOnWithTheNewest_SaysSo_AndAsksAgainLater(HttpStatusCode status)
    {
        await _party.DoAsync(_party.Evaluation(round: 4));
        (_party.Coordinator.InUse, _party.Coordinator.Withholds) = (_party.Version(3, round: 2), status);

        await _party.PollAsync();
        await _party.PollAsync();

        Assert.Equal(1, _party.Coordinator.Requests.Count(request => request.Contains("/model'", StringComparison.Ordinal)));
        Assert.Single(_party.Said, line => line.StartsWith("note: version 3 is in use, and the party cannot have it: ", StringComparison.Ordinal) && line.EndsWith("It goes on with the newest that it has.", StringComparison.Ordinal));
        var answers = new PartyAnswers(FakeCoordinator.Federation, _party.Newest);
        Assert.Equal((4, 3L, false), (answers.Model().Round, answers.Model().InUse, answers.Model().IsInUse));
        Assert.Contains("version 3 is in use, and the party does not have it yet", new PartyPage(FakeCoordinator.Code, _party.Newest).Render("/fedrec", null, answers), StringComparison.Ordinal);
        await _party.DoAsync(_party.Evaluation(run: "run-2", round: 1));
        Assert.Equal("run-2", _party.Newest.Kept!.Run); // the newest still

        _party.Coordinator.Withholds = null;
        _party.Time.Advance(TimeSpan.FromMinutes(1));
        await _party.PollAsync();
        Assert.Equal((3, true), (_party.Newest.Kept!.InUse, answers.Model().IsInUse));
    }

    [Theory]
    [InlineData(HttpStatusCode.Gone)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task Poll_WhoseVersionIsAskedForByAPartyThatMayNotTakePartAnyMore_IsRefusedAsEveryRequestIs(HttpStatusCode status)
    {
        (_party.Coordinator.InUse, _party.Coordinator.Withholds) = (_party.Version(3, round: 2), status);

        var refused = await Assert.ThrowsAsync<PartyException>(_party.PollAsync); // its owner hears why, and not of a version

        Assert.Equal(status, refused.Status);
        Assert.DoesNotContain(_party.Said, line => line.Contains("version 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Poll_OfACoordinatorThatTellsNoVersionAnyMore_ServesTheNewestAgain()
    {
        _party.Coordinator.InUse = _party.Version(5, round: 2);
        await _party.PollAsync();
        Assert.Equal(5, _party.Newest.Kept!.InUse);

        _party.Coordinator.InUse = null; // of an earlier release
        await _party.PollAsync();
        Assert.Equal((0, 3), await AfterAsync(() => _party.DoAsync(_party.Evaluation(run: "run-2", round: 3))));
    }

    [Fact]
    public async Task Version_WithOtherSettingsThanItsHashSays_IsNotServed()
    {
        await _party.DoAsync(_party.Evaluation(round: 4));
        _party.Coordinator.InUse = _party.Version(3, round: 2) with { ConfigSha256 = new string('0', 64) };

        await _party.PollAsync();

        Assert.Equal(0, _party.Newest.Kept!.InUse);
    }

    private async Task<(int InUse, int Round)> AfterAsync(Func<Task> what)
    {
        await what();
        return ((int)_party.Newest.Kept!.InUse, _party.Newest.Kept.Round);
    }
}
