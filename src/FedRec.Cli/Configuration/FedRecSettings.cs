using FedRec.Grains.Models;
using FedRec.Grains.Training;

namespace FedRec.Cli.Configuration;

/// <summary>The resolved configuration of a command.</summary>
internal sealed class FedRecSettings
{
    public StorageOptions Storage { get; } = new();

    public SiloOptions Silo { get; } = new();

    public WebOptions Web { get; } = new();

    public TrainingOptions Training { get; } = new();

    public ModelOptions Models { get; } = new();

    /// <summary>Folder the files were read from; null when there is none.</summary>
    public string? Folder { get; init; }

    /// <summary>Every setting that was given, by key, with the place it comes from.</summary>
    public IReadOnlyDictionary<string, Setting> Given { get; init; } = new Dictionary<string, Setting>();
}

/// <summary>One configured value.</summary>
/// <param name="Key">With colons, such as <c>FedRec:Web:Port</c>.</param>
/// <param name="Value">As written.</param>
/// <param name="Origin">Where it was given, for error messages: file and line, variable or option.</param>
internal sealed record Setting(string Key, string Value, string Origin);
