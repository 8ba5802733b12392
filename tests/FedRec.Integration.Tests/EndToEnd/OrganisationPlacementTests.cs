using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FedRec.Cli;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>An organisation that is bound to a label, in a cluster of processes: refused while the silo with its label is dead, back with the next one.</summary>
[Collection(ServedCollection.Name)]
public sealed class OrganisationPlacementTests
{
    [Fact]
    public async Task Organisation_WhoseOnlySiloIsKilled_IsRefusedUntilAnotherOneIsUp()
    {
        await using var home = new FedRecHome();
        await File.WriteAllLinesAsync(Path.Combine(home.Folder, "north.csv"), Rows(7));
        await File.WriteAllLinesAsync(Path.Combine(home.Folder, "south.csv"), Rows(11));
        var serve = home.Start("serve", "--port", "0");
        using var web = await serve.WebAsync();
        var silo = await SiloAsync(home);
        await home.RunAsync("import", "south.csv", "--federation", "shops", "--client", "south");
        await home.RunAsync("import", "north.csv", "--federation", "shops", "--client", "north", "--label", "region=eu");
        await home.RunAsync("train", "--federation", "shops", "--learner", "ease", "--lambda", "50");
        using var before = await web.GetAsync("api/v1/recommendations/north%2F3?federation=shops");
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        await silo.KillAsync();
        await UntilAsync(async () => await SilosAsync(web) == 0);
        using var refused = await web.GetAsync("api/v1/recommendations/north%2F3?federation=shops");
        using var recorded = await web.PostAsJsonAsync("api/v1/interactions", new { federation = "shops", client = "north", user = "3", item = "new" });
        var imported = home.Start("import", "north.csv", "--federation", "shops", "--client", "north");
        Assert.Equal(ExitCode.StoreUnreachable, await imported.ExitAsync());
        var trained = (await home.RunAsync("train", "--federation", "shops", "--learner", "ease", "--lambda", "50", "--format", "json")).Json; // goes on without it

        foreach (var answer in new[] { refused, recorded })
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Contains("No silo with the label region=eu is up", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.Contains("fedrec silo --label region=eu", imported.Error, StringComparison.Ordinal);
        Assert.Equal(2, trained.GetProperty("clients").GetInt32());
        await SiloAsync(home);
        await UntilAsync(async () => await SilosAsync(web) == 1);
        using var after = await web.GetAsync("api/v1/recommendations/north%2F3?federation=shops");
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        var bound = await home.RunAsync("organisation", "bind", "north", "any", "--federation", "shops", "--format", "json");
        Assert.Equal((JsonValueKind.Null, 2), (bound.Json.GetProperty("organisations")[0].GetProperty("label").ValueKind, bound.Json.GetProperty("organisations")[0].GetProperty("silos").GetInt32()));
        var list = await home.RunAsync("organisation", "list", "--federation", "shops");
        Assert.Equal(2, list.Out.Split('\n').Count(line => line.Contains("any", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Rows(int step) =>
        ["user,item,timestamp", .. Enumerable.Range(0, 200).Select(i => (User: i % 20, Item: ((i * i) + (i / step)) % 15)).Distinct().Select((row, i) => $"{row.User},i{row.Item},{1_700_000_000 + i}")];

    private static async Task<FedRecProcess> SiloAsync(FedRecHome home)
    {
        var silo = home.Start("silo", "--label", "region=eu");
        await silo.WaitForAsync("Ctrl-C ends it; the others go on.");
        return silo;
    }

    // Of the second organisation; null while what knows it is on a silo that is lost.
    private static async Task<int?> SilosAsync(HttpClient web)
    {
        using var answer = await web.GetAsync("api/v1/federations/shops/organisations");
        return answer.IsSuccessStatusCode ? (await answer.Content.ReadFromJsonAsync<JsonElement>())[1].GetProperty("silos").GetInt32() : null;
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var end = DateTime.UtcNow + FedRecProcess.Limit; !await isSo();)
        {
            Assert.True(DateTime.UtcNow < end, "It does not come to that.");
            await Task.Delay(TimeSpan.FromMilliseconds(100)); // what other processes find out is asked again and again
        }
    }
}
