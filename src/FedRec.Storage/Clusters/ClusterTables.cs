using Azure.Data.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Reminders.AzureStorage;

namespace FedRec.Storage.Clusters;

/// <summary>Members and reminders of a cluster in Azure tables, by the official providers.</summary>
/// <remarks>The client is given as a delegate, which Orleans calls obsolete: a host makes its services before it starts them, and where an emulator listens is
/// known only once it has started.</remarks>
public static class ClusterTables
{
#pragma warning disable CS0618 // see the remarks
    /// <summary>Keeps the members of the silo's cluster in the table <c>OrleansSiloInstances</c>; the client is made when it is first needed.</summary>
    public static ISiloBuilder UseMemberTable(this ISiloBuilder silo, Func<TableServiceClient> connect) =>
        silo.UseAzureStorageClustering(options => options.ConfigureTableServiceClient(() => Task.FromResult(connect())));

    /// <summary>Lets a client find the silos of its cluster in the table <c>OrleansSiloInstances</c>.</summary>
    public static IClientBuilder UseMemberTable(this IClientBuilder client, Func<TableServiceClient> connect) =>
        client.UseAzureStorageClustering(options => options.ConfigureTableServiceClient(() => Task.FromResult(connect())));

    /// <summary>Keeps reminders in the table <c>OrleansReminders</c>; the client is made when it is first needed.</summary>
    public static ISiloBuilder UseReminderTable(this ISiloBuilder silo, Func<TableServiceClient> connect) =>
        silo.UseAzureTableReminderService((AzureTableReminderStorageOptions options) => options.ConfigureTableServiceClient(() => Task.FromResult(connect())));
#pragma warning restore CS0618

    /// <summary>Removes the members that an earlier process of this cluster left behind, so that nobody waits for the dead.</summary>
    /// <param name="services">Of the silo, before it starts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <remarks>Only for a cluster that is this one process: whoever calls this holds the right to be it.</remarks>
    public static async Task RemoveFormerMembersAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var members = services.GetRequiredService<IMembershipTable>();
        await members.InitializeMembershipTableAsync(tryInitTableVersion: false, cancellationToken);
        await members.DeleteMembershipTableEntriesAsync(services.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId, cancellationToken);
    }
}
