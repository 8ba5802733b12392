using System.Net;
using FedRec.Storage;
using FedRec.Storage.Clusters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace FedRec.Integration.Tests.Storage;

/// <summary>Members of a cluster in the table service.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class ClusterTablesTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task RemoveFormerMembers_AfterACrash_LeavesNobodyToWaitForButTheMembersOfOthers()
    {
        var (own, other) = ($"own-{Guid.NewGuid():N}", $"other-{Guid.NewGuid():N}");
        using var crashed = Host(own);
        using var neighbour = Host(other);
        await JoinAsync(crashed, port: 1);
        await JoinAsync(neighbour, port: 2);
        Assert.Single(await MembersAsync(crashed));

        using var next = Host(own);
        await ClusterTables.RemoveFormerMembersAsync(next.Services, default);

        Assert.Empty(await MembersAsync(next));
        Assert.Single(await MembersAsync(neighbour));
    }

    [Fact]
    public async Task RemoveFormerMembers_NobodyWasThere_DoesNothing()
    {
        using var host = Host($"own-{Guid.NewGuid():N}");

        await ClusterTables.RemoveFormerMembersAsync(host.Services, default);

        Assert.Empty(await MembersAsync(host));
    }

    private IHost Host(string clusterId) => GrainStorageHarness.BuildHost(silo => silo
        .Configure<ClusterOptions>(options => options.ClusterId = clusterId)
        .UseMemberTable(() => TableClients.Create(azurite.ConnectionString)));

    private static async Task<IEnumerable<MembershipEntry>> MembersAsync(IHost host)
    {
        var table = host.Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true, default);
        return (await table.ReadAllAsync(default)).Members.Select(member => member.Item1);
    }

    private static async Task JoinAsync(IHost host, int port)
    {
        var table = host.Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true, default);
        var version = (await table.ReadAllAsync(default)).Version;
        var silo = new MembershipEntry
        {
            SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, port), 1),
            Status = SiloStatus.Active,
            HostName = "here",
            SiloName = "crashed",
            StartTime = DateTime.UtcNow,
            IAmAliveTime = DateTime.UtcNow,
        };
        Assert.True(await table.InsertRowAsync(silo, version.Next(), default));
    }
}
