using FedRec.Cli;
using FedRec.Core.Snapshots;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>The verbs beside a process that owns the store: they join it, and see what each other did.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class JoinedCommandTests(OwnerFixture owner) : IClassFixture<OwnerFixture>
{
    [Fact]
    public async Task Model_PromoteAndRollback_MoveTheVersionInUse()
    {
        var before = (await owner.RunAsync("model", "list", "--format", "json")).Json;
        var promoted = await owner.RunAsync("model", "promote", "1", "--format", "json");
        var rolledBack = await owner.RunAsync("model", "rollback", "--format", "json");
        var unknown = await owner.RunAsync("model", "promote", "77");

        Assert.Equal((3, 3), (before.GetProperty("serving").GetInt64(), before.GetProperty("versions").GetArrayLength()));
        Assert.Equal(1, promoted.Json.GetProperty("serving").GetInt64());
        Assert.Equal((1, 3), (rolledBack.Json.GetProperty("before").GetInt64(), rolledBack.Json.GetProperty("serving").GetInt64()));
        Assert.Equal(ExitCode.Failed, unknown.ExitCode);
        Assert.Contains("1, 2, 3", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_PinAndUnpin_MarkTheVersion()
    {
        await owner.RunAsync("model", "pin", "2");
        var pinned = (await owner.RunAsync("model", "list", "--format", "json")).Json;
        await owner.RunAsync("model", "unpin", "2");
        var unpinned = (await owner.RunAsync("model", "list", "--format", "json")).Json;
        var unknown = await owner.RunAsync("model", "pin", "77");

        Assert.Equal([false, true, false], Pins(pinned));
        Assert.Equal([false, false, false], Pins(unpinned));
        Assert.Equal(ExitCode.Failed, unknown.ExitCode);
    }

    [Fact]
    public async Task Model_Show_HasTheVersionsOwnMetricsAndWhetherItWasPutInUse()
    {
        var shown = await owner.RunAsync("model", "show", "3");
        var manifest = (await owner.RunAsync("model", "show", "3", "--format", "json")).Json;
        var again = (await owner.RunAsync("eval", "--model", "3", "--baselines", "none", "--k", "10", "--format", "json")).Json;

        Assert.Contains("put in use: it has no validation metric, so they were not compared", shown.Out, StringComparison.Ordinal);
        var measured = Assert.Single(manifest.GetProperty("measurements").EnumerateArray().ToList());
        Assert.Equal(("test", 60), (measured.GetProperty("split").GetString(), measured.GetProperty("users").GetInt32()));
        Assert.Equal(again.GetProperty("metrics").GetProperty("hr@10").GetDouble(), measured.GetProperty("metrics").GetProperty("hr@10").GetDouble());
    }

    [Fact]
    public async Task Model_Export_WritesTheBytesOfTheManifest()
    {
        var shown = (await owner.RunAsync("model", "show", "2", "--format", "json")).Json;
        await owner.RunAsync("model", "export", "2", "--to", "model");
        await owner.RunAsync("model", "export", "2", "--to", "only.safetensors");

        var folder = File.ReadAllBytes(Path.Combine(owner.Folder, "model", "tensors.safetensors"));
        var file = File.ReadAllBytes(Path.Combine(owner.Folder, "only.safetensors"));
        Assert.Equal(folder, file);
        Assert.Equal(shown.GetProperty("sha256").GetString(), Safetensors.Sha256(file));
        Assert.True(File.Exists(Path.Combine(owner.Folder, "model", "manifest.json")));
    }

    [Theory]
    [InlineData("other.safetensors", "other.safetensors")]
    [InlineData("others", "manifest.json")]
    [InlineData("others", "tensors.safetensors")]
    public async Task Model_ExportOverAFile_IsRefusedAndLeavesIt(string to, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(owner.Folder, $"export-of-{name}")).FullName;
        var place = Path.Combine(folder, to);
        var file = to == name ? place : Path.Combine(Directory.CreateDirectory(place).FullName, name);
        await File.WriteAllTextAsync(file, "kept");

        var run = await owner.RunAsync("model", "export", "2", "--to", place);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains($"{file} exists already", run.Error, StringComparison.Ordinal);
        Assert.Contains("another --to", run.Error, StringComparison.Ordinal);
        Assert.Equal("kept", await File.ReadAllTextAsync(file));
        Assert.Single(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Recommend_WithReasons_NamesTheUsersOwnItems()
    {
        var run = await owner.RunAsync("recommend", "u1", "-k", "2", "--explain", "--format", "json");
        var stranger = await owner.RunAsync("recommend", "nobody");

        var items = run.Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([1, 2], items.Select(i => i.GetProperty("rank").GetInt32()));
        Assert.All(items, item => Assert.True(item.GetProperty("reasons").GetArrayLength() > 0));
        Assert.Equal(ExitCode.Ok, stranger.ExitCode);
        Assert.Contains("no user 'nobody'", stranger.Out, StringComparison.Ordinal);
        Assert.Contains("items that most users have met", stranger.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recommend_ItemsOfANewcomer_ScoresForThem()
    {
        var newcomer = await owner.RunAsync("recommend", "--items", "i1,i2", "-k", "2", "--explain", "--format", "json");
        var unknown = await owner.RunAsync("recommend", "--items", "no-such-item");

        var items = newcomer.Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("item").GetString()).ToList();
        Assert.Equal(2, items.Count);
        Assert.Empty(items.Intersect(["i1", "i2"]));
        Assert.Equal(ExitCode.Failed, unknown.ExitCode);
        Assert.Contains("no item 'no-such-item'", unknown.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("u1")]
    [InlineData("nobody")]
    public async Task Recommend_PartOfTheList_IsThatOfTheWholeOne(string user)
    {
        var whole = (await owner.RunAsync("recommend", user, "-k", "1000", "--format", "json")).Json.GetProperty("items").EnumerateArray().ToList();
        string Item(int place) => whole[place].GetProperty("item").GetString()!;
        var tag = whole[4].GetProperty("tags")[0].GetString()!;

        var page = (await owner.RunAsync("recommend", user, "-k", "3", "--offset", "2", "--format", "json")).Json.GetProperty("items").EnumerateArray();
        var part = (await owner.RunAsync("recommend", user, "-k", "1000", "--exclude", $"{Item(0)},\"{Item(2)}\"", "--exclude", Item(3), "--tag", tag, "--format", "json")).Json.GetProperty("items").EnumerateArray();
        var beyond = await owner.RunAsync("recommend", user, "--offset", "500");
        var unknown = await owner.RunAsync("recommend", user, "--tag", "klingon");

        Assert.Equal(whole.Skip(2).Take(3).Select(item => item.GetRawText()), page.Select(item => item.GetRawText()));
        Assert.Equal(
            whole.Where((item, place) => place is not (0 or 2 or 3) && item.GetProperty("tags").EnumerateArray().Any(one => one.GetString() == tag)).Select(item => item.GetProperty("item").GetString()),
            part.Select(item => item.GetProperty("item").GetString()));
        Assert.Equal(ExitCode.Ok, beyond.ExitCode);
        Assert.Contains("ends before place 501", beyond.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, unknown.ExitCode);
        Assert.Contains($"'{tag}'", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Similar_OfAnItem_IsATableAndJson()
    {
        var table = await owner.RunAsync("similar", "i1", "-k", "3", "--model", "2");
        var json = (await owner.RunAsync("similar", "i1", "-k", "3", "--model", "2", "--format", "json")).Json;
        var unknown = await owner.RunAsync("similar", "no such");

        var items = json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(("i1", 2, "mf", 3), (json.GetProperty("item").GetString(), json.GetProperty("version").GetInt64(), json.GetProperty("learner").GetString(), items.Count));
        Assert.All(items, item => Assert.Contains(item.GetProperty("title").GetString()!, table.Out, StringComparison.Ordinal));
        Assert.Contains("cosine", table.Out, StringComparison.Ordinal);
        Assert.Contains("in common", table.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, unknown.ExitCode);
        Assert.Contains("no item 'no such'", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_OfAnOlderVersion_HasProtocolAndBaselines()
    {
        var run = await owner.RunAsync("eval", "--model", "1", "--k", "5", "--baselines", "popularity", "--format", "json");
        var table = await owner.RunAsync("eval", "--federation", "shop", "--k", "10");

        Assert.Equal(1, run.Json.GetProperty("version").GetInt64());
        Assert.InRange(run.Json.GetProperty("baselines").GetProperty("popularity").GetProperty("hr@5").GetDouble(), 0, 1);
        Assert.Contains("Protocol: ", table.Out, StringComparison.Ordinal);
        Assert.Contains("HR@10", table.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_AgainstAnotherModel_HasTheDifferencesAndSaysWhetherTheyExcludeZero()
    {
        var version = (await owner.RunAsync("eval", "--model", "3", "--against", "1", "--k", "10", "--format", "json")).Json;
        var itself = await owner.RunAsync("eval", "--model", "3", "--against", "3", "--k", "10");
        var baseline = await owner.RunAsync("eval", "--model", "3", "--against", "popularity", "--k", "10", "--format", "csv");

        var lines = version.GetProperty("comparison").GetProperty("differences").EnumerateArray().ToList();
        Assert.Equal(["hr@10", "ndcg@10"], lines.Select(l => l.GetProperty("metric").GetString()));
        Assert.Equal(version.GetProperty("metrics").GetProperty("ndcg@10").GetDouble(), lines[1].GetProperty("first").GetDouble());
        Assert.InRange(lines[1].GetProperty("difference").GetDouble(), lines[1].GetProperty("low").GetDouble(), lines[1].GetProperty("high").GetDouble());
        Assert.Contains("no difference shown", itself.Out, StringComparison.Ordinal);
        var tables = baseline.Out.Split("\n\n");
        Assert.Equal(3, tables.Length);
        Assert.Contains("popularity,", tables[0], StringComparison.Ordinal);
        Assert.StartsWith("group,interactions,count,HR@10,NDCG@10,popularity NDCG@10\nusers,0", tables[1], StringComparison.Ordinal);
        Assert.StartsWith("metric,version 3,popularity,difference,95 % from,to,excludes zero\nHR@10,", tables[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_AgainstWhatIsNotThere_SaysSo()
    {
        var version = await owner.RunAsync("eval", "--against", "77");
        var word = await owner.RunAsync("eval", "--against", "popularty");

        Assert.Equal((ExitCode.Failed, ExitCode.Usage), (version.ExitCode, word.ExitCode));
        Assert.Contains("no model version 77", version.Error, StringComparison.Ordinal);
        Assert.Contains("Did you mean popularity?", word.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_Sampled_AddsALabelledColumn()
    {
        var sampled = await owner.RunAsync("eval", "--sampled", "--k", "10");
        var plain = await owner.RunAsync("eval", "--k", "10", "--format", "json");

        Assert.Contains("HR@10/sampled99", sampled.Out, StringComparison.Ordinal);
        Assert.Contains("need not order models as the full ranking does", sampled.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("sampled", plain.Out, StringComparison.Ordinal);
        Assert.Equal(60, plain.Json.GetProperty("groups").EnumerateArray().Where(g => g.GetProperty("kind").GetString() == "activity").Sum(g => g.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task Command_ForAFederationThatIsNotThere_NamesTheOneThatIs()
    {
        var run = await owner.RunAsync("model", "list", "--federation", "shpo");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("Did you mean shop?", run.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<bool> Pins(System.Text.Json.JsonElement models) =>
        models.GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("pinned").GetBoolean());
}
