using System.IO.Compression;
using System.Runtime.CompilerServices;
using FedRec.Hosting.Azurite;
using FedRec.Integration.Tests.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>The emulator's folder as FedRec 0.1 left it, with its own storage provider: two versions, a change of history, a forgotten user.</summary>
/// <remarks>Golden/store-0.1.zip was written by <c>simulate --data store-0.1.csv --learner ease --federation old</c>,
/// <c>history add u3 item7</c>, <c>history forget u5</c> and <c>simulate … --learner mf --rounds 3</c>.</remarks>
[Collection(AzuriteCollection.Name)]
public sealed class EarlierStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public EarlierStoreTests()
    {
        var home = Directory.CreateDirectory(Path.Combine(_folder.Path, "home")).FullName;
        ZipFile.ExtractToDirectory(Golden("store-0.1.zip"), home);
        Directory.CreateSymbolicLink(Path.Combine(home, "tools"), Path.Combine(AzuriteOptions.UserFolder, "tools"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StoreOfTheVersionBefore_IsReadAndGoesOn()
    {
        var list = (await RunAsync("model", "list", "--federation", "old", "--format", "json")).Json;
        Assert.Equal((2, 2), (list.GetProperty("latest").GetInt64(), list.GetProperty("serving").GetInt64()));
        Assert.Equal(
            ["d543fa48ea9430924a0cfd47a5a65a7e1915e928f4705df6c8e94d97e07c67b8", "ca016c8912b307cb59f7c02d4f7280ae697f7ca3ad524bb12ce0e01836d04dff"],
            list.GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("sha256").GetString()));
        await RunAsync("model", "export", "1", "--federation", "old", "--to", "exported"); // checks the hash of the bytes

        await RunAsync("simulate", "--data", Golden("store-0.1.csv"), "--learner", "ease", "--federation", "old", "--recs", "0", "--baselines", "none");

        list = (await RunAsync("model", "list", "--federation", "old", "--format", "json")).Json;
        Assert.Equal(3, list.GetProperty("latest").GetInt64()); // no number is used twice
        var items = (await RunAsync("recommend", "u3", "--federation", "old", "-k", "16", "--format", "json")).Json.GetProperty("items");
        Assert.DoesNotContain("item7", items.EnumerateArray().Select(item => item.GetProperty("item").GetString())); // recorded as met
    }

    private async Task<CommandRun> RunAsync(params string[] line)
    {
        var run = await CommandRun.OfAsync(_folder.Path, line);
        Assert.True(run.ExitCode == 0, $"fedrec {string.Join(' ', line)} ended with {run.ExitCode}:\n{run.Error}");
        return run;
    }

    private static string Golden(string name, [CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "Golden", name);
}
