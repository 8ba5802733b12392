using FedRec.Cli.Parties;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>Which model a party serves its users from, also after a crash and a restart.</summary>
public sealed class NewestModelTests : IDisposable
{
    private readonly WorkingParty _party = new();

    public void Dispose() => _party.Dispose();

    [Fact]
    public async Task Do_OneOrderAfterTheOther_ServesWhatWasEvaluatedLast_AndNothingUntrained()
    {
        Assert.Null(await AfterAsync(_party.Order(round: 1))); // round 1 begins with nothing learned
        Assert.Equal(("run-1", 1, 0, false), await AfterAsync(_party.Order(round: 2)));
        Assert.Equal(("run-1", 2, 0, false), await AfterAsync(_party.Order(round: 3)));
        Assert.Equal(("run-1", 2, 0, false), await AfterAsync(_party.Order(round: 2))); // asked again
        Assert.Equal(("run-1", 4, 0, true), await AfterAsync(_party.Evaluation(round: 4)));
        Assert.Equal(("run-1", 3, 0, true), await AfterAsync(_party.Evaluation(round: 3))); // the run publishes an earlier round
        Assert.Equal(("run-1", 3, 0, true), await AfterAsync(_party.Order(run: "run-2", round: 3))); // nobody has looked at that yet
        Assert.Equal(("run-1", 3, 0, true), await AfterAsync(_party.Evaluation(run: "run-2", round: 0))); // the curve's beginning
        Assert.Equal(("run-2", 2, 0, true), await AfterAsync(_party.Evaluation(run: "run-2", round: 2)));
        Assert.Equal(("run-2", 2, 0, true), await AfterAsync(_party.Evaluation(run: "run-1", round: 4))); // somebody evaluates an older version
        Assert.Equal(("run-10", 0, 7, true), await AfterAsync(_party.Evaluation(run: "run-10", round: 0, version: 7)));
        Assert.Empty(_party.Coordinator.Refusals);
    }

    [Fact]
    public async Task Restore_AfterARestart_ServesTheSame_AndKeepsNoOtherFile()
    {
        await _party.DoAsync(_party.Order(round: 2));
        await _party.DoAsync(_party.Evaluation(round: 3));
        await _party.DoAsync(_party.Evaluation(run: "run-2", round: 2));
        var (before, list) = (_party.Newest.Kept, Items());
        Assert.NotEmpty(list);

        _party.Restart();
        await RestoreAsync();

        Assert.Equal((before!.Run, before.Round, before.Sha256, before.At), (_party.Newest.Kept!.Run, _party.Newest.Kept.Round, _party.Newest.Kept.Sha256, _party.Newest.Kept.At));
        Assert.Equal(list, Items());
        Assert.Equal(new[] { before.Sha256, before.Order.CatalogueSha256, "model.json" }.Order(StringComparer.Ordinal), FilesOfModel().Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(FilesOfModel(), file => Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite)));
    }

    [Theory]
    [InlineData("parameters")]
    [InlineData("head")]
    [InlineData("missing")]
    public async Task Restore_OfWhatIsDamaged_SaysSo_AndTheNextModelIsServed(string what)
    {
        await _party.DoAsync(_party.Evaluation(round: 3));
        var (head, parameters) = (FilesOfModel().Single(file => file.EndsWith("model.json", StringComparison.Ordinal)), FilesOfModel().Single(file => file.EndsWith(_party.Newest.Kept!.Sha256, StringComparison.Ordinal)));
        switch (what)
        {
            case "parameters":
                var bytes = File.ReadAllBytes(parameters);
                bytes[100] ^= 1;
                File.WriteAllBytes(parameters, bytes);
                break;
            case "head":
                File.WriteAllText(head, File.ReadAllText(head)[..^40]);
                break;
            default:
                File.Delete(parameters);
                break;
        }

        _party.Restart();
        await RestoreAsync();
        Assert.Null(_party.Newest.Kept);
        Assert.Contains(_party.Said, line => line.StartsWith("note: the model that was kept cannot be served: ", StringComparison.Ordinal));

        await _party.DoAsync(_party.Evaluation(round: 3));
        Assert.NotNull(_party.Newest.Kept);
        _party.Restart();
        await RestoreAsync();
        Assert.NotNull(_party.Newest.Kept);
    }

    [Fact]
    public async Task Do_WithAModelThatCannotBe_RefusesItAndServesTheOneBefore()
    {
        await _party.DoAsync(_party.Evaluation(round: 3));

        await _party.DoAsync(_party.Evaluation("ease", run: "run-2", round: 1)); // random numbers are no counts

        Assert.NotEmpty(Assert.Single(_party.Coordinator.Sums));
        Assert.Single(_party.Coordinator.EvaluationRefusals);
        Assert.Equal("run-1", _party.Newest.Kept!.Run);
    }

    private Task RestoreAsync() => _party.Newest.UseAsync(PartyRows.Open(_party.Folder.Membership, Core.Federation.FederationParts.BuiltIn()));

    private string[] FilesOfModel() => Directory.GetFiles(Path.Combine(_party.Folder.Root, "model"));

    private string[] Items() => [.. _party.Newest.Recommender!.Recommend(_party.Newest.Data!, new("u3", 5, Explain: true, Version: 0)).Items.Select(item => $"{item.Item} {item.Score} {string.Join(';', item.Reasons)}")];

    private async Task<(string Run, int Round, int Version, bool IsEvaluated)?> AfterAsync(PartyOrder order)
    {
        await _party.DoAsync(order);
        return _party.Newest.Kept is { } kept ? (kept.Run, kept.Round, (int)kept.Version, kept.IsEvaluated) : null;
    }
}
