using FedRec.Cli;

namespace FedRec.Integration.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class DemoTests
{
    [Fact]
    public async Task Demo_OnCtrlC_EndsInOrderAndLeavesNothingBehind()
    {
        await using var home = new FedRecHome();
        var demo = home.Start("demo", "--scenario", "shop", "--port", "0"); // the default is over in one round
        await demo.WaitForAsync("round 3/");

        demo.Signal("INT");

        Assert.Equal(ExitCode.Cancelled, await demo.ExitAsync());
        Assert.EndsWith("Cancelled.", demo.Error.TrimEnd(), StringComparison.Ordinal);
        await home.EmulatorGoneAsync();
        Assert.Empty(Directory.EnumerateFiles(home.Data, "instance-*.json"));
    }
}
