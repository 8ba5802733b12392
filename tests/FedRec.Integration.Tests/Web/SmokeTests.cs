namespace FedRec.Integration.Tests.Web;

public sealed class DoublesTests
{
    [Fact]
    public async Task Doubles_AreNoGrains()
    {
        await using var host = await WebHost.StartAsync();
        Scenes.MidRun(host.Cluster);
        var x = await host.Client.GetAsync("/fedrec");
        Assert.Fail(x + await x.Content.ReadAsStringAsync());
    }
}
