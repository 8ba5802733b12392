using System.Security.Cryptography;

namespace FedRec.Cli.Azurite;

/// <summary>Where an emulator listens; the ports are others at every start.</summary>
/// <param name="Blob">Address of the blob service.</param>
/// <param name="Table">Address of the table service.</param>
internal sealed record AzuriteEndpoints(Uri Blob, Uri Table)
{
    /// <summary>The one account the emulator has.</summary>
    public const string Account = "devstoreaccount1";

    /// <summary>A key for one emulator and its clients: the published one would let every user of this machine in.</summary>
    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));

    /// <summary>For <c>BlobServiceClient</c> and <c>TableServiceClient</c>.</summary>
    public string ConnectionString(string accountKey) =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={accountKey};BlobEndpoint={Address(Blob)};TableEndpoint={Address(Table)};";

    private static string Address(Uri service) => $"{service.GetLeftPart(UriPartial.Authority)}/{Account}";
}
