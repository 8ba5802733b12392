using Azure.Core;
using Azure.Data.Tables;

namespace FedRec.Storage;

/// <summary>Makes clients of the table service, which keeps the members of the cluster and the reminders.</summary>
public static class TableClients
{
    /// <summary>Makes a client from a connection string.</summary>
    /// <param name="connectionString">Of Azure storage or the emulator; it holds the account key and must not be logged.</param>
    /// <param name="configure">Changes the options last, such as a policy in the pipeline.</param>
    /// <exception cref="ArgumentException">The connection string names no table service; the message does not repeat it.</exception>
    public static TableServiceClient Create(string connectionString, Action<TableClientOptions>? configure = null)
    {
        var options = new TableClientOptions();
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(1);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(8);
        options.AddPolicy(new FullStorePolicy(), HttpPipelinePosition.PerCall);
        configure?.Invoke(options);
        try
        {
            return new TableServiceClient(connectionString, options);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new ArgumentException(
                "The storage connection string names no table service, which keeps the members of the cluster and the reminders; give it a TableEndpoint, or an account that has one.",
                nameof(connectionString), e);
        }
    }
}
