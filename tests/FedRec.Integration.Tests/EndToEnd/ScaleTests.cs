namespace FedRec.Integration.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class ScaleTests
{
    [Fact]
    public async Task Simulate_WithTenThousandClients_StaysSmallAndStatesWhatAnIdleOneCosts()
    {
        await using var home = new FedRecHome();

        var report = (await home.RunAsync(
            "simulate", "--clients", "10000", "--rounds", "5", "--cohort", "1000", "--storage", "memory", "--baselines", "none", "--recs", "0", "--format", "json")).Json;

        Assert.Equal(10_000, report.GetProperty("data").GetProperty("clients").GetInt32());
        Assert.InRange(report.GetProperty("peakMemoryBytes").GetInt64(), 1, 1_500_000_000);
        Assert.InRange(report.GetProperty("bytesPerIdleClient").GetDouble(), 200, 8_000); // an activation with its view of the data; no copy of it
    }
}
