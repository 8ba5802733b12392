using System.Text.Json;

namespace FedRec.Cli.Azurite;

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
