using System.Numerics;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Data.Reports;
using FedRec.Grains.Clients;
using FedRec.Scenarios;

namespace FedRec.Grains.Tests.Federations;

public class DataReportGrainTests
{
    private static readonly DataSpec s_shop = new() { Scenario = "shop" };

    [Fact]
    public async Task GetDataReport_OfPartiesOnThreeSilos_IsTheOneMadeWithoutACluster()
    {
        await using var federation = await TestFederation.StartAsync(3);
        await federation.RunAsync(TestFederation.Request(rounds: 1), s_shop);

        var report = await federation.Grains.GetGrain<IFederationGrain>("test").GetDataReportAsync();

        var expected = DataMessages.ToMessage(DataReport.Of(MadeUpData.Open(new DatasetOptions { Scenario = "shop" })), "test/run-1");
        Assert.Equal(["browsing", "clicks", "purchases"], report!.Parties.Select(party => party.Party));
        Assert.Equal(expected.Parties, report.Parties.ToArray());
        Assert.Equal(expected with { Parties = [] }, report with { Parties = [] });
    }

    [Fact]
    public async Task GetDataReport_OfDevices_WithholdsEachOfThem()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request(rounds: 1));

        var report = await federation.Grains.GetGrain<IFederationGrain>("test").GetDataReportAsync();

        Assert.Null(report!.Together);
        Assert.Empty(report.Parties);
        Assert.True(report.Withheld > 1);
    }

    [Fact]
    public async Task GetDataReport_OfParties_AsksEachForPowersOfTwo()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var said = new List<DataSummary>();
        federation.Gate.After = call =>
        {
            if (call.Result is DataSummary summary)
            {
                lock (said)
                {
                    said.Add(summary);
                }
            }
        };
        await federation.RunAsync(TestFederation.Request(rounds: 1), s_shop);

        await federation.Grains.GetGrain<IFederationGrain>("test").GetDataReportAsync();

        Assert.Equal(6, said.Count); // three parties, once for the newest day and once for the ages
        Assert.All(said, summary => Assert.All([summary.Users, summary.Interactions, .. summary.Interests], count => Assert.True(count == 0 || BitOperations.IsPow2(count))));
    }

    [Fact]
    public async Task GetDataReport_WithoutARun_IsNothing()
    {
        await using var federation = await TestFederation.StartAsync(1);
        Assert.Null(await federation.Grains.GetGrain<IFederationGrain>("test").GetDataReportAsync());
    }
}
