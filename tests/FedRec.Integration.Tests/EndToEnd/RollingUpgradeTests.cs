using System.Net;
using System.Net.Http.Json;
using FedRec.Cli;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>A cluster with silos of two builds trains and serves, whichever of them has the store.</summary>
/// <remarks>On demand: <c>FEDREC_EARLIER</c> names <c>fedrec.dll</c> of the earlier build, such as of a <c>git worktree</c> of the release before.</remarks>
[Collection(ServedCollection.Name)]
public sealed class RollingUpgradeTests
{
    [EarlierBuildTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cluster_WithASiloOfTheOtherBuild_GoesOnTrainingAndServes(bool earlierHasTheStore)
    {
        await using var home = new FedRecHome();
        var earlier = EarlierBuildTheoryAttribute.Program!;
        FedRecProcess Start(bool ofEarlier, params string[] line) => ofEarlier ? home.StartFrom(earlier, line) : home.Start(line);
        var serve = Start(earlierHasTheStore, "serve", "--port", "0");
        using var web = await serve.WebAsync();
        var history = await FaultedCluster.BeginAsync(web, "shop", rounds: 500); // begun before the other build joins, as in an upgrade
        await history.UntilAsync(look => look.RoundsDone >= 3);

        var silo = Start(!earlierHasTheStore, "silo");
        await silo.WaitForAsync("Ctrl-C ends it; the others go on.");
        var joined = await history.UntilAsync(_ => true);
        var end = await history.EndAsync();

        Assert.True(joined.RoundsDone < end.RoundsDone, "The other build joined too late to take part.");
        Assert.True(end is { Phase: "Completed", RoundsDone: 500, Serving: 1 }, $"{end.Phase} after {end.RoundsDone} rounds: {end.Reason}\n{serve.Error}\n{silo.Error}");
        Assert.Empty(HistoryChecker.Violations(history.Looks, end.Rounds));
        using var answer = await web.GetAsync("api/v1/recommendations/u1?federation=shop&k=3");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        if (!earlierHasTheStore) // a front end of before knows no such request
        {
            using var selected = await web.PostAsJsonAsync("api/v1/runs", new { federation = "fresh", partyLabels = "region=eu" });
            Assert.Equal((HttpStatusCode.BadRequest, true), (selected.StatusCode, (await selected.Content.ReadAsStringAsync()).Contains("of an earlier release", StringComparison.Ordinal)));
        }

        silo.Signal("TERM");
        Assert.Equal(ExitCode.Ok, await silo.ExitAsync());
    }
}

/// <summary>A test that needs another build of the program.</summary>
public sealed class EarlierBuildTheoryAttribute : TheoryAttribute
{
    public EarlierBuildTheoryAttribute()
    {
        if (Program is null)
        {
            Skip = "No earlier build: FEDREC_EARLIER=…/fedrec.dll.";
        }
    }

    /// <summary>Path of its <c>fedrec.dll</c>; null when none is named.</summary>
    public static string? Program { get; } = Environment.GetEnvironmentVariable("FEDREC_EARLIER");
}
