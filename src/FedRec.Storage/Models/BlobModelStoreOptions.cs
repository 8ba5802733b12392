namespace FedRec.Storage.Models;

/// <summary>Where model versions are kept.</summary>
public sealed class BlobModelStoreOptions
{
    /// <summary>Container of all federations; created when it is missing. Default: <c>models</c>.</summary>
    public string ContainerName { get; set; } = "models";
}
