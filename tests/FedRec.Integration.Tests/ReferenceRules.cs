using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace FedRec.Integration.Tests;

/// <summary>What one project may reference beside the base class library; a name also stands for all names below it.</summary>
/// <param name="Assembly">File name of its assembly, without extension.</param>
/// <param name="May">Allowed references.</param>
/// <param name="Never">References that stay forbidden even if somebody widens <paramref name="May"/>.</param>
internal sealed record ReferenceRules(string Assembly, string[] May, string[] Never)
{
    private const string AspNet = "Microsoft.AspNetCore";
    private static readonly string[] s_extensions =
        ["Microsoft.Extensions.Logging", "Microsoft.Extensions.Options", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting"];

    /// <summary>The table of the architecture: who may know whom.</summary>
    public static IReadOnlyList<ReferenceRules> All { get; } =
    [
        new("FedRec.Core.Native", ["TorchSharp"], ["Orleans", "Microsoft.Orleans", "Azure", AspNet, "Microsoft.Extensions", "FedRec"]),
        new("FedRec.Core", ["FedRec.Core.Native", "TorchSharp", "Parquet", "ZstdSharp"],
            ["Orleans", "Microsoft.Orleans", "Azure", AspNet, "Microsoft.Extensions", "FedRec.Scenarios", "FedRec.Contracts", "FedRec.Grains", "FedRec.Storage", "FedRec.Hosting", "FedRec.Web", "fedrec"]),
        new("FedRec.Scenarios", ["FedRec.Core"], ["FedRec.Contracts", "FedRec.Grains", "FedRec.Storage", "FedRec.Hosting", "FedRec.Web", "fedrec", "Orleans", "Azure", AspNet, "TorchSharp"]),
        new("FedRec.Contracts", ["Orleans", "Microsoft.Extensions.DependencyInjection"], ["FedRec", "TorchSharp", "Azure", AspNet]),
        new("FedRec.Grains", ["FedRec.Core", "FedRec.Contracts", "Orleans", .. s_extensions], ["Azure", AspNet, "TorchSharp", "FedRec.Scenarios", "FedRec.Storage", "FedRec.Hosting", "FedRec.Web", "fedrec"]),

        // The registration of storage providers (ISiloBuilder) is in Orleans.Runtime, hence all of Orleans.
        new("FedRec.Storage", ["FedRec.Core", "Azure", "Orleans", .. s_extensions], ["FedRec.Contracts", "FedRec.Grains", "FedRec.Hosting", "FedRec.Web", "fedrec", AspNet, "TorchSharp"]),
        new("FedRec.Hosting", ["FedRec.Core", "FedRec.Contracts", "FedRec.Grains", "FedRec.Scenarios", "FedRec.Storage", "Orleans", "Azure", "Microsoft.Extensions", $"{AspNet}.Connections.Abstractions"], ["FedRec.Web", "fedrec", "TorchSharp"]), // what Orleans calls a connection
        new("FedRec.Web",
            ["FedRec.Contracts", AspNet, "Microsoft.Net.Http.Headers", "Microsoft.OpenApi", "Microsoft.IdentityModel", "Scalar.AspNetCore", "Microsoft.Extensions", "Orleans.Core.Abstractions", "Orleans.Serialization"],
            ["FedRec.Core", "FedRec.Grains", "FedRec.Storage", "FedRec.Hosting", "fedrec", "TorchSharp", "Azure", "Orleans.Runtime"]),
    ];

    /// <summary>The references that break the rule.</summary>
    public IEnumerable<string> Violations(IEnumerable<string> references) =>
        from name in references
        where Never.Any(root => IsUnder(name, root)) || (!IsBaseLibrary(name) && !May.Any(root => IsUnder(name, root)))
        select $"{Assembly} must not reference {name}.";

    /// <summary>What a built assembly references, as the compiler wrote it.</summary>
    public static string[] Read(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll")));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    private static bool IsBaseLibrary(string name) => IsUnder(name, "System") || name is "netstandard" or "mscorlib" or "Microsoft.CSharp" or "Microsoft.Win32.Primitives";

    private static bool IsUnder(string name, string root) => name == root || name.StartsWith($"{root}.", StringComparison.Ordinal);
}
