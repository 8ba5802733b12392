using System.ComponentModel.DataAnnotations;
using System.Net;
using FedRec.Core.Federation;
using FedRec.Grains.Models;
using FedRec.Grains.Parties;
using FedRec.Grains.Training;
using FedRec.Hosting.Configuration;
using FedRec.Scenarios;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace FedRec.Hosting;

/// <summary>How FedRec runs in a host: one member for each section below <c>FedRec</c>, and what the host adds.</summary>
/// <remarks>Read and checked while the host is put together, since what a silo is made of depends on it. Values that only FedRec's command line has
/// (<c>FedRec:Web</c>, <c>FedRec:Silo:LogLevel</c>) are not among them.</remarks>
public sealed class FedRecOptions
{
    /// <summary>Where grains and models are kept.</summary>
    public StorageOptions Storage { get; } = new();

    /// <summary>Encryption of what is kept there.</summary>
    public EncryptionOptions Encryption { get; } = new();

    /// <summary>How the silo listens.</summary>
    public SiloOptions Silo { get; } = new();

    /// <summary>Encryption between silos and their clients.</summary>
    public SiloTlsOptions Tls { get; } = new();

    /// <summary>How the silo trains and scores.</summary>
    public TrainingOptions Training { get; } = new();

    /// <summary>How many versions are kept.</summary>
    public ModelOptions Models { get; } = new();

    /// <summary>What private runs need.</summary>
    public PrivacyOptions Privacy { get; } = new();

    /// <summary>What run requests can name: FedRec's own learners, aggregators, update steps and scenarios, and those that the host adds. In code only.</summary>
    public FederationParts Parts { get; } = FederationParts.BuiltIn().AddScenarios();

    /// <summary>The user's folder: the emulator is installed there, once for all hosts.</summary>
    internal string Home { get; init; } = DataFolder.OfUser(Environment.GetEnvironmentVariable, Environment.CurrentDirectory);

    /// <summary>What a relative folder is relative to.</summary>
    internal string Here { get; init; } = Environment.CurrentDirectory;

    /// <summary>Where this host keeps what outlives it.</summary>
    internal string Data => Storage.Folder.Length > 0 ? Path.GetFullPath(Storage.Folder, Here) : Home;

    /// <summary>Every key, section after section.</summary>
    internal IReadOnlyList<SettingKey> Keys => SettingKey.Of(("Storage", Storage), ("Storage:Encryption", Encryption), ("Silo", Silo), ("Silo:Tls", Tls), ("Training", Training), ("Models", Models), ("Privacy", Privacy));

    /// <summary>Reads the section <c>FedRec</c> of a host's configuration.</summary>
    /// <exception cref="OptionsValidationException">A key is not known, or a value is not allowed.</exception>
    internal static FedRecOptions Read(IConfiguration configuration)
    {
        var options = new FedRecOptions();
        var keys = options.Keys;
        var failures = new List<string>();
        foreach (var (key, value) in configuration.GetSection("FedRec").AsEnumerable().Where(one => one.Value is not null && !IsOfWeb(one.Key)))
        {
            try
            {
                SettingKey.Find(keys, new Setting(key, value!, "configuration of the host")).Apply(new Setting(key, value!, "configuration of the host"));
            }
            catch (SettingException e)
            {
                failures.Add($"{e.Message} {e.Next}");
            }
        }

        return failures.Count == 0 ? options : throw Refused(failures);
    }

    /// <summary>Checks what code has set.</summary>
    /// <exception cref="OptionsValidationException">A value is not allowed.</exception>
    internal void Check()
    {
        var failures = Keys.Select(key => key.Wrong()).OfType<string>().ToList();
        if (Storage is { Kind: "blob", ConnectionString: "" })
        {
            failures.Add("FedRec:Storage:Kind is 'blob', but FedRec:Storage:ConnectionString is empty.");
        }

        failures.AddRange(new[] { Silo.Wrong(Storage.ResolvedKind), Tls.Wrong(), Encryption.Wrong() }.OfType<string>());

        if (failures.Count > 0)
        {
            throw Refused(failures);
        }
    }

    private static bool IsOfWeb(string key) => key.StartsWith("FedRec:Web:", StringComparison.OrdinalIgnoreCase);

    private static OptionsValidationException Refused(IEnumerable<string> failures) => new(nameof(FedRecOptions), typeof(FedRecOptions), failures);
}

/// <summary>How the silo of this process listens; section <c>FedRec:Silo</c>.</summary>
public sealed class SiloOptions
{
    /// <summary>Port between silos; 0 takes a free one. Default: 0.</summary>
    [Range(0, 65535)] public int SiloPort { get; set; }

    /// <summary>Port for clients of the cluster; 0 takes a free one. Default: 0.</summary>
    [Range(0, 65535)] public int GatewayPort { get; set; }

    /// <summary>Name of a cluster of equals, which all its silos give, on whatever machine; they share Azure storage. Empty for the cluster of this machine
    /// and data folder, which one process has. Default: empty.</summary>
    [RegularExpression("^([A-Za-z0-9][A-Za-z0-9-]{0,62})?$")] public string Cluster { get; set; } = "";

    /// <summary>Address at which other silos and clients reach this one; empty for this machine only. Default: empty.</summary>
    public string Advertise { get; set; } = "";

    /// <summary>What the silo is labelled with, separated by commas, such as <c>region=eu,owner=north</c>: organisations may be bound to silos with a label. Default: empty.</summary>
    public string Labels { get; set; } = "";

    /// <summary>What cannot be together; null for nothing.</summary>
    /// <param name="storage">Kind of the store.</param>
    internal string? Wrong(string storage) => Advertise.Length > 0 && !IPAddress.TryParse(Advertise, out _)
        ? $"FedRec:Silo:Advertise is '{Advertise}'; it must be an IP address of this machine, such as 10.0.0.5."
        : SiloLabels.TryParse(Labels, out _) is { } label
        ? $"FedRec:Silo:Labels: {label}"
        : Cluster.Length > 0 && storage != "blob"
        ? $"FedRec:Silo:Cluster is '{Cluster}', but the store is {storage}: silos of a named cluster share Azure storage. Set FedRec:Storage:ConnectionString, or leave the name out."
        : null;
}

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

/// <summary>The per-user folder in which FedRec keeps what outlives a process.</summary>
internal static class DataFolder
{
    /// <summary><c>FEDREC_DATA_HOME</c>, else <c>fedrec</c> in <c>XDG_DATA_HOME</c> or the system's folder for application data.</summary>
    /// <param name="variable">Reads an environment variable; null or empty where it is not set.</param>
    /// <param name="here">What a relative folder is relative to.</param>
    public static string OfUser(Func<string, string?> variable, string here)
    {
        if (variable("FEDREC_DATA_HOME") is { Length: > 0 } own)
        {
            return Path.GetFullPath(own, here);
        }

        var data = variable("XDG_DATA_HOME") is { Length: > 0 } given ? given
            : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(Path.GetFullPath(data, here), "fedrec");
    }
}
