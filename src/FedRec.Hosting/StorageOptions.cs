using System.ComponentModel.DataAnnotations;

namespace FedRec.Hosting;

/// <summary>Where grains and models are kept; section <c>FedRec:Storage</c>.</summary>
public sealed class StorageOptions
{
    /// <summary><c>azurite</c> starts the local emulator, <c>blob</c> needs a connection string, <c>memory</c> keeps nothing;
    /// <c>auto</c> is <c>blob</c> with a connection string and <c>azurite</c> without. Default: auto.</summary>
    [AllowedValues("auto", "azurite", "blob", "memory")] public string Kind { get; set; } = "auto";

    /// <summary>Azure Storage connection string. A secret: best set as <c>FEDREC__Storage__ConnectionString</c>. Default: none.</summary>
    [Secret] public string ConnectionString { get; set; } = "";

    /// <summary>Folder of the emulator's data, the audit trails and the note of the running process. Default: empty, which is that of the user
    /// (<c>FEDREC_DATA_HOME</c>, else <c>fedrec</c> in the system's folder for application data).</summary>
    public string Folder { get; set; } = "";

    /// <summary>Container of the grains' state. Default: grainstate.</summary>
    [RegularExpression(ContainerName)] public string GrainContainer { get; set; } = "grainstate";

    /// <summary>Container of the model versions. Default: models.</summary>
    [RegularExpression(ContainerName)] public string ModelContainer { get; set; } = "models";

    /// <summary>What <see cref="Kind"/> comes to.</summary>
    internal string ResolvedKind => Kind != "auto" ? Kind : ConnectionString.Length > 0 ? "blob" : "azurite";

    private const string ContainerName = "^[a-z0-9]([a-z0-9-]{1,61}[a-z0-9])$";
}

/// <summary>Marks a setting whose value is never printed or written to a run folder.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute;
