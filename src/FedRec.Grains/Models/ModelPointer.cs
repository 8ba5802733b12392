using FedRec.Contracts.Models;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Models;

/// <summary>How the stored pointer is read: by the model's grain, and where no silo runs.</summary>
internal static class ModelPointer
{
    /// <summary>Adds the versions that are stored but unknown to the pointer, after a crash between the two writes or in a store that lost its last ones.</summary>
    /// <param name="state">As it was stored.</param>
    /// <param name="store">Holds the manifests; a version exists once its manifest does.</param>
    /// <param name="federation">Whose versions.</param>
    /// <param name="onAdded">Told the version that was the latest, and the one that is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ModelState> BringForwardAsync(
        this ModelState state, IModelStore store, string federation, Action<long, long> onAdded, CancellationToken cancellationToken)
    {
        var highest = await store.FindHighestVersionAsync(federation, cancellationToken);
        for (var version = state.Latest + 1; version <= highest; version++)
        {
            if (await store.ReadManifestAsync(federation, version, cancellationToken) is { } manifest)
            {
                onAdded(state.Latest, version);
                state = state.Add(manifest);
            }
        }

        return state;
    }

    public static ModelSummary ToSummary(this ModelState state) => new(state.Latest, state.Serving, state.Versions) { Previous = state.Previous };

    /// <summary>A stored version's manifest; null when there is none.</summary>
    public static async Task<ModelManifest?> ReadManifestAsync(this IModelStore store, string federation, long version, CancellationToken cancellationToken) =>
        await store.LoadManifestAsync(federation, version, cancellationToken) is { } json ? ModelFiles.ReadManifest(json.Span) : null;
}
