using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>Over HTTP no file is opened except below the data root, and what a file holds is not shown.</summary>
[Collection(RealWeb.Collection)]
public sealed class DataPathTests(RealWeb web)
{
    private const string Secret = "kept:secret:0001";

    public static TheoryData<string> Members => [.. new[] { "path", "schema", "contextData" }];

    [Theory]
    [MemberData(nameof(Members))]
    public async Task Path_OutsideTheRoot_IsRefused_WhetherItIsThereOrNot(string member)
    {
        var outside = Path.Combine(Path.GetDirectoryName(web.DataRoot)!, "outside.csv");
        await File.WriteAllTextAsync(outside, $"{Secret}\nuser,item\n");
        Directory.CreateDirectory(Path.Combine(web.DataRoot, "links"));
        Link("links/file.csv", outside);
        Link("links/folder", Path.GetDirectoryName(outside)!);
        string[] paths =
        [
            "/etc/passwd", outside, "../outside.csv", "links/../../outside.csv", "links/file.csv", "links/folder", "links/folder/outside.csv", "links/folder/data",
            "../nothing.csv", "/no/such/file", "nothing.csv", "", ".", "..", "/", "/dev/zero", "/proc/self/environ", "file:///etc/passwd", "~/x", "a\0b", new string('a', 5_000),
        ];

        var reasons = new List<string>();
        foreach (var path in paths)
        {
            var reason = await RefusedAsync(member, path);
            Assert.Contains($"'{member}'", reason, StringComparison.Ordinal);
            reasons.Add(reason);
        }

        Assert.Single(reasons.Distinct()); // nothing is to be learnt from the difference
    }

    [Theory]
    [MemberData(nameof(Members))]
    public async Task Path_OfAPipe_OrBesideOne_IsRefusedAtOnce(string member)
    {
        Directory.CreateDirectory(Path.Combine(web.DataRoot, "pipes"));
        var pipe = Path.Combine(web.DataRoot, "pipes", "items.csv");
        if (!File.Exists(pipe))
        {
            using var made = Process.Start("mkfifo", pipe);
            await made.WaitForExitAsync();
        }

        await File.WriteAllTextAsync(Path.Combine(web.DataRoot, "pipes", "ratings.csv"), Interactions());

        foreach (var path in new[] { "pipes/items.csv", "pipes", "pipes/ratings.csv" }) // the list of items is found beside
        {
            Assert.Contains($"'{member}'", await RefusedAsync(member, path), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("path", "secret.csv")]
    [InlineData("path", "secret.jsonl")]
    [InlineData("path", "keys")]
    [InlineData("schema", "secret.json")]
    [InlineData("contextData", "secret.csv")]
    public async Task Error_OfAFileBelowTheRoot_NamesItsPlaceAndNothingItHolds(string member, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(web.DataRoot, "bad")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, name), $"{Secret}\n{Secret},{Secret}\n{{\"{Secret}\":{Secret}\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "good.csv"), Interactions());

        await TellAsync("mf-data", Data(member, $"bad/{name}", path: "bad/good.csv"));
        var reason = await web.RefusedAsync((int)HttpStatusCode.BadRequest, HttpMethod.Post, "/api/v1/runs", Run("mf-data"));

        Assert.Contains($"bad/{name}", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("kept", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("secret:", reason, StringComparison.Ordinal);
        Assert.DoesNotContain(web.DataRoot, reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Path_OfAFileOrFolderBelowTheRoot_IsTrainedFrom()
    {
        var folder = Directory.CreateDirectory(Path.Combine(web.DataRoot, "shop")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "interactions.csv"), Interactions());

        foreach (var (federation, path) in new[] { ("below-1", "shop"), ("below-2", "shop/interactions.csv"), ("below-3", $"{folder}/interactions.csv") })
        {
            await TellAsync(federation, Data("path", path));
            await web.TrainAsync(Run(federation));

            foreach (var address in new[] { "/api/v1/runs/run-1", "/api/v1/runs" })
            {
                using var answer = await web.SendAsync(HttpMethod.Get, $"{address}?federation={federation}");
                var body = await answer.Content.ReadAsStringAsync();
                Assert.Contains($"\"path\":\"{(path == "shop" ? path : "shop/interactions.csv")}\"", body, StringComparison.Ordinal);
                Assert.DoesNotContain(web.DataRoot, body, StringComparison.Ordinal);
            }
        }
    }

    private async Task<string> RefusedAsync(string member, string value)
    {
        await File.WriteAllTextAsync(Path.Combine(web.DataRoot, "good.csv"), Interactions());
        return await web.RefusedAsync((int)HttpStatusCode.BadRequest, HttpMethod.Put, "/api/v1/federations/mf-data/simulation", Data(member, value));
    }

    private async Task TellAsync(string federation, string data)
    {
        using var told = await web.SendAsync(HttpMethod.Put, $"/api/v1/federations/{federation}/simulation", data);
        Assert.True(told.StatusCode == HttpStatusCode.OK, await told.Content.ReadAsStringAsync());
    }

    private static string Data(string member, string value, string path = "good.csv") => JsonSerializer.Serialize(new Dictionary<string, string> { ["path"] = path, [member] = value });

    private static string Run(string federation) => JsonSerializer.Serialize(new { federation, learner = "mf", learnerOptions = new { dims = "4" }, rounds = new { count = 1 } });

    private void Link(string name, string target)
    {
        var link = Path.Combine(web.DataRoot, name);
        if (!Path.Exists(link))
        {
            File.CreateSymbolicLink(link, target);
        }
    }

    private static string Interactions() =>
        "user,item,timestamp\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"u{i / 6},i{(i * 7 + i / 6) % 13},{1_700_000_000 + i}\n"));
}
