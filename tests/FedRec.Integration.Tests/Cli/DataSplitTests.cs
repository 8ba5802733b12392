using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class DataSplitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DataSplitTests() => File.WriteAllText(Path.Combine(_folder.Path, "a.csv"), "user,item,hospital\nann,x,north\nann,y,north\nbob,x,south\nbob,y,south\ncem,x,west\ncem,z,west\n");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--by user --parties 3", 3, "party-0001")]
    [InlineData("--by party", 3, "north")]
    [InlineData("--by party --parties 2", 2, "party-0001")]
    [InlineData("--by party --parties 2 --alpha 0.1", 2, "party-0002")]
    public async Task Split_ByUserOrParty_WritesEachInteractionOnce(string options, int parties, string folder)
    {
        var run = await RunAsync(options);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(parties, run.Json.GetArrayLength());
        Assert.Equal(6, run.Json.EnumerateArray().Sum(party => party.GetProperty("interactions").GetInt32()));
        Assert.True(File.Exists(Path.Combine(_folder.Path, "out", folder, "interactions.csv")));
    }

    [Theory]
    [InlineData("--by user --parties 4", "the data has 3 users")]
    [InlineData("--by party --parties 4", "the data has 3 parties")]
    [InlineData("--by party --alpha 0.1", "needs --parties")]
    [InlineData("--by item", "it must be one of user, party")]
    public async Task Split_AsItCannotBe_SaysWhy(string options, string expected)
    {
        var run = await RunAsync(options);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Split_ByPartyOfDataWithoutParties_SaysWhatToGive()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "a.csv"), "user,item\nann,x\nann,y\n");

        var run = await RunAsync("--by party");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("a column party", run.Error, StringComparison.Ordinal);
    }

    private Task<CommandRun> RunAsync(string options) => CommandRun.OfAsync(_folder.Path, ["data", "split", "a.csv", "--out", "out", "--format", "json", .. options.Split(' ')]);
}
