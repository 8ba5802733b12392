using System.Collections.Immutable;
using FedRec.Contracts.Models;

namespace FedRec.Grains.Models;

/// <summary>The pointer: which versions there are and which is in use. Every change gives a new value, so it can be tested alone.</summary>
[GenerateSerializer, Alias("fedrec.state.model")]
internal sealed record ModelState
{
    /// <summary>Highest version ever committed; never goes down, so no number is used twice.</summary>
    [Id(0)] public long Latest { get; init; }

    /// <summary>Version in use; 0 for none.</summary>
    [Id(1)] public long Serving { get; init; }

    /// <summary>Versions in use before the present one, most recent last.</summary>
    [Id(2)] public ImmutableArray<long> Served { get; init; } = [];

    /// <summary>Kept versions, oldest first.</summary>
    [Id(3)] public ImmutableArray<ModelVersionLine> Versions { get; init; } = [];

    public bool Has(long version) => Versions.Any(line => line.Version == version);

    public ModelState Add(ModelManifest manifest) => this with
    {
        Latest = Math.Max(Latest, manifest.Version),
        Versions = Versions.Add(new ModelVersionLine(manifest.Version, manifest.Learner, manifest.RunId, manifest.Round, manifest.Sha256, manifest.CreatedAt)),
    };

    public ModelState Promote(long version) => version == Serving ? this : this with
    {
        Serving = version,
        Served = Serving == 0 ? Served : Served.Remove(Serving).Add(Serving),
    };

    /// <summary>Goes back to the version in use before; unchanged when there is none.</summary>
    public ModelState Rollback() => Served.IsEmpty ? this : this with { Serving = Served[^1], Served = Served.RemoveAt(Served.Length - 1) };

    /// <summary>Drops the oldest versions beyond <paramref name="keep"/>, but neither the one in use nor the one to roll back to.</summary>
    public ModelState Trim(int keep)
    {
        var pinned = Served.IsEmpty ? 0 : Served[^1];
        var kept = Versions.Where((line, i) => i >= Versions.Length - keep || line.Version == Serving || line.Version == pinned).ToImmutableArray();
        return this with { Versions = kept, Served = [.. Served.Where(version => kept.Any(line => line.Version == version))] };
    }
}
