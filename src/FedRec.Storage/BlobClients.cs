using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using FedRec.Core.Snapshots;

namespace FedRec.Storage;

/// <summary>Makes blob clients with the settings that FedRec needs from every store.</summary>
public static class BlobClients
{
    /// <summary>Newest protocol version that the pinned emulator speaks; Azure speaks it too.</summary>
    public const BlobClientOptions.ServiceVersion ServiceVersion = BlobClientOptions.ServiceVersion.V2025_11_05;

    /// <summary>Makes a client from a connection string.</summary>
    /// <param name="connectionString">Of Azure storage or the emulator; it holds the account key and must not be logged.</param>
    /// <param name="networkTimeout">Longest time of one attempt. Default: 60 s, enough for a model of some 100 MB.</param>
    /// <param name="configure">Changes the options last, such as a policy in the pipeline.</param>
    /// <exception cref="ArgumentException">The connection string is empty or cannot be read; the message does not repeat it.</exception>
    public static BlobServiceClient Create(string connectionString, TimeSpan? networkTimeout = null, Action<BlobClientOptions>? configure = null)
    {
        var options = new BlobClientOptions(ServiceVersion);
        CapRetries(options, networkTimeout ?? TimeSpan.FromSeconds(60));
        options.AddPolicy(new FullStorePolicy(), HttpPipelinePosition.PerCall);
        configure?.Invoke(options);
        try
        {
            return new BlobServiceClient(connectionString, options);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new ArgumentException(
                "The storage connection string cannot be read; it looks like 'DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net'.",
                nameof(connectionString), e);
        }
    }

    /// <summary>Three attempts within about a second of waiting, so that a store that is away becomes an error while the caller still listens.</summary>
    /// <param name="options">Changed in place.</param>
    /// <param name="networkTimeout">Longest time of one attempt.</param>
    internal static void CapRetries(BlobClientOptions options, TimeSpan networkTimeout)
    {
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(1);
        options.Retry.NetworkTimeout = networkTimeout;
    }
}

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

/// <summary>Tells of a store without room (status 507) as of a full disk, which no caller tries again.</summary>
internal sealed class FullStorePolicy : HttpPipelineSynchronousPolicy
{
    private const int InsufficientStorage = 507;

    /// <inheritdoc/>
    public override void OnReceivedResponse(HttpMessage message)
    {
        if (message.Response.Status == InsufficientStorage)
        {
            throw FullStore.Exception("The disk of the storage emulator is full, or its folder cannot be written.");
        }
    }
}

/// <summary>Azure's rule for container names, checked before the first request so that the error names the setting.</summary>
internal static class ContainerNames
{
    public const string Rule = "3 to 63 lower-case letters, digits and single dashes, with a letter or digit first and last";

    public static bool IsValid(string? name) =>
        name is { Length: >= 3 and <= 63 }
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        && name[0] != '-' && name[^1] != '-' && !name.Contains("--", StringComparison.Ordinal);

    public static void Check(string name)
    {
        if (!IsValid(name))
        {
            throw new ArgumentException($"'{name}' is not a container name: {Rule}.", nameof(name));
        }
    }
}
