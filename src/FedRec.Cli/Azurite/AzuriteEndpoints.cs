using System.Security.Cryptography;
using System.Text.Json;

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

/// <summary>One line that the emulator says, of which one member is set.</summary>
/// <param name="Blob">It listens: address of the blob service.</param>
/// <param name="Table">And of the table service.</param>
/// <param name="SaveFailed">It could not save its databases, and why.</param>
/// <param name="Saved">It could again.</param>
internal sealed record EmulatorWord(Uri? Blob, Uri? Table, string? SaveFailed, bool Saved)
{
    /// <summary>Reads a line; null for what is meant for people.</summary>
    public static EmulatorWord? Read(string line) => line.StartsWith('{') ? JsonSerializer.Deserialize<EmulatorWord>(line, JsonSerializerOptions.Web) : null;

    /// <summary>Where it listens; null when it says something else.</summary>
    public AzuriteEndpoints? Endpoints => Blob is not null && Table is not null ? new AzuriteEndpoints(Blob, Table) : null;
}
