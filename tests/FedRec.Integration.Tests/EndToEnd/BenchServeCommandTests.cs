using System.Text.Json;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary><c>fedrec bench serve</c> with a server of its own: filled, trained, measured and gone.</summary>
[Collection(ServedCollection.Name)]
public sealed class BenchServeCommandTests
{
    [Fact]
    public async Task BenchServe_OfItsOwnServer_MeasuresEachPart_AndLeavesNothing()
    {
        await using var home = new FedRecHome();
        home.Environment["TMPDIR"] = Directory.CreateDirectory(Path.Combine(home.Folder, "tmp")).FullName;
        var rows = Enumerable.Range(0, 600).Select(i => $"u{i % 30},i{i * 7 % 41}"); // without times
        await File.WriteAllLinesAsync(Path.Combine(home.Folder, "rows.csv"), rows.Distinct().Prepend("user,item"));

        var run = await home.RunAsync("bench", "serve", "--data", "rows.csv", "--seconds", "1", "--warm-up", "0", "--rate", "50", "--clicks", "3", "--requests", "50", "--format", "json");

        var parts = run.Json.GetProperty("parts").EnumerateArray().ToList();
        Assert.Equal(["first", "idle", "sustained", "click", "training", "promote"], parts.Select(part => part.GetProperty("name").GetString()));
        Assert.Equal((30, 0), (run.Json.GetProperty("users").GetInt32(), run.Json.GetProperty("failed").GetInt32()));
        Assert.Equal([30, 50, 50, 54], new[] { 0, 1, 4, 5 }.Select(part => parts[part].GetProperty("requests").GetInt32()));
        Assert.All(parts.SelectMany(part => part.GetProperty("lines").EnumerateArray()), line => Assert.Equal(JsonValueKind.Number, line.GetProperty("value").ValueKind));
        Assert.Matches("^[1-9][0-9]* rounds of mf were trained meanwhile$", parts[4].GetProperty("note").GetString()!);
        Assert.Equal("version 2 and version 1 put in use in turn, 4 times", parts[5].GetProperty("note").GetString());
        Assert.Empty(Directory.EnumerateDirectories(home.Environment["TMPDIR"], "fedrec-bench-*"));
    }
}
