using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Models;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Models;

/// <summary>The pointer: which versions there are and which is in use. Every change gives a new value, so it can be tested alone.</summary>
[GenerateSerializer, Alias("fedrec.state.model")]
internal sealed record ModelState
{
    private const int MaxServed = 1_000;

    /// <summary>Highest version ever committed; never goes down, so no number is used twice.</summary>
    [Id(0)] public long Latest { get; init; }

    /// <summary>Version in use; 0 for none.</summary>
    [Id(1)] public long Serving { get; init; }

    /// <summary>What was in use before the present version, most recent last: rollback takes one off, as if it had not been promoted over.</summary>
    [Id(2)] public ImmutableArray<long> Served { get; init; } = [];

    /// <summary>Kept versions, oldest first.</summary>
    [Id(3)] public ImmutableArray<ModelVersionLine> Versions { get; init; } = [];

    /// <summary>What the next version is held to; null for the metric of the version in use.</summary>
    [Id(4)] public PromotionBar? Bar { get; init; }

    /// <summary>Runs whose versions are retired: they counted users who were forgotten.</summary>
    [Id(5)] public ImmutableArray<ErasedChanges> Retiring { get; init; } = [];

    /// <summary>The version to roll back to; 0 for none.</summary>
    public long Previous => Served.IsEmpty ? 0 : Served[^1];

    /// <summary>A kept version; null when there is no such version.</summary>
    public ModelVersionLine? Find(long version) => Versions.FirstOrDefault(line => line.Version == version);

    public ModelState Add(ModelManifest manifest) => this with
    {
        Latest = Math.Max(Latest, manifest.Version),
        Versions = Versions.Add(new ModelVersionLine(manifest.Version, manifest.Learner, manifest.RunId, manifest.Round, manifest.Sha256, manifest.CreatedAt)),
    };

    /// <summary>Notes what was decided of a version, and puts it in use if that was decided.</summary>
    /// <param name="version">The version.</param>
    /// <param name="decision">What was decided.</param>
    /// <param name="bar">The bar that stands from then on.</param>
    public ModelState Decide(long version, PromotionDecision decision, PromotionBar? bar)
    {
        var noted = Change(version, line => line with { Promotion = decision });
        return decision.Promoted ? noted.Use(version) with { Bar = bar } : noted;
    }

    /// <summary>Puts the version in use that somebody has chosen: later ones are held to it alone.</summary>
    public ModelState Promote(long version) => version == Serving && Bar is null ? this : Use(version) with { Bar = null };

    /// <summary>Goes back to the version in use before; unchanged when there is none.</summary>
    public ModelState Rollback() => Served.IsEmpty ? this : this with { Serving = Previous, Served = Served.RemoveAt(Served.Length - 1), Bar = null };

    /// <summary>Spares a version from retention, or no longer does.</summary>
    public ModelState Pin(long version, bool pinned) => Change(version, line => line with { Pinned = pinned });

    /// <summary>Drops the oldest versions beyond <paramref name="keep"/>, but neither the one in use, nor the one to roll back to, nor a pinned one.</summary>
    public ModelState Trim(int keep) => Keep([.. Versions.Where((line, i) => i >= Versions.Length - keep || line.Pinned || line.Version == Serving || line.Version == Previous)]);

    /// <summary>Retires the versions of some runs, those that are still to come too.</summary>
    public ModelState Retire(ErasedChanges counted) => counted.After == counted.Last || Retiring.Contains(counted) ? this : this with { Retiring = Retiring.Add(counted) };

    /// <summary>Drops what is retired, but neither the version in use, nor the newest, nor a pinned one.</summary>
    /// <param name="spared">One that was in use a moment ago; 0 for none.</param>
    /// <returns>The same state when there is nothing to drop.</returns>
    public ModelState WithoutRetired(long spared)
    {
        var kept = Versions.Where((line, i) => i == Versions.Length - 1 || line.Pinned || line.Version == Serving || line.Version == spared
            || !Retiring.Any(counted => counted.IsIn(GrainKeys.RunNumber(line.RunId)))).ToImmutableArray();
        return kept.Length == Versions.Length ? this : Keep(kept);
    }

    private ModelState Keep(ImmutableArray<ModelVersionLine> kept)
    {
        var numbers = kept.Select(line => line.Version).ToHashSet();
        var served = ImmutableArray.CreateBuilder<long>();
        foreach (var version in Served.Where(numbers.Contains))
        {
            if (served.Count == 0 || served[^1] != version) // what lay between two uses of a version may be gone
            {
                served.Add(version);
            }
        }

        if (served.Count > 0 && served[^1] == Serving) // the same, of the version in use
        {
            served.RemoveAt(served.Count - 1);
        }

        return this with { Versions = kept, Served = served.ToImmutable() };
    }

    private ModelState Use(long version) => version == Serving ? this : this with
    {
        Serving = version,
        Served = Serving == 0 ? Served : [.. Served.Add(Serving).TakeLast(MaxServed)],
    };

    private ModelState Change(long version, Func<ModelVersionLine, ModelVersionLine> change) =>
        this with { Versions = [.. Versions.Select(line => line.Version == version ? change(line) : line)] };
}

/// <summary>How the stored pointer is read: by the model's grain, and where no silo runs.</summary>
internal static class ModelPointer
{
    /// <summary>Adds the versions that are stored but unknown to the pointer, after a crash between the two writes or in a store that lost its last ones.</summary>
    /// <param name="state">As it was stored.</param>
    /// <param name="store">Holds the manifests; a version exists once its manifest does.</param>
    /// <param name="federation">Whose versions.</param>
    /// <param name="onAdded">Told the version that was the latest, and the one that is.</param>
    /// <param name="onDamaged">Told a version whose manifest is damaged: it is none, but its number is taken.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ModelState> BringForwardAsync(
        this ModelState state, IModelStore store, string federation, Action<long, long> onAdded, Action<long, Exception> onDamaged, CancellationToken cancellationToken)
    {
        var highest = await store.FindHighestVersionAsync(federation, cancellationToken);
        for (var version = state.Latest + 1; version <= highest; version++)
        {
            try
            {
                if (await store.ReadManifestAsync(federation, version, cancellationToken) is { } manifest)
                {
                    onAdded(state.Latest, version);
                    state = state.Add(manifest);
                }
            }
            catch (InvalidDataException exception)
            {
                onDamaged(version, exception);
                state = state with { Latest = version };
            }
        }

        return state;
    }

    public static ModelSummary ToSummary(this ModelState state) => new(state.Latest, state.Serving, state.Versions) { Previous = state.Previous };

    /// <summary>A stored version's manifest; null when there is none.</summary>
    public static async Task<ModelManifest?> ReadManifestAsync(this IModelStore store, string federation, long version, CancellationToken cancellationToken) =>
        await store.LoadManifestAsync(federation, version, cancellationToken) is { } json ? ModelFiles.ReadManifest(json.Span) : null;
}

/// <summary>How many model versions are kept; section <c>FedRec:Models</c>.</summary>
public sealed class ModelOptions
{
    /// <summary>Newest versions kept for each federation, beside the one in use, the one in use before it, and pinned ones. Default: 20.</summary>
    [Range(1, 100_000)]
    public int Keep { get; set; } = 20;
}
