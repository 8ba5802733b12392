using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Storage;

namespace FedRec.Grains.Federations;

/// <summary>Federations and their models, for whoever only looks at them.</summary>
public interface IModelReader
{
    /// <summary>All federations, most recently active first.</summary>
    Task<ImmutableArray<FederationSummary>> ListFederationsAsync(CancellationToken cancellationToken = default);

    /// <summary>Versions, latest and serving.</summary>
    Task<ModelSummary> GetSummaryAsync(string federation, CancellationToken cancellationToken = default);

    /// <summary>One version's manifest, or null when there is no such version.</summary>
    Task<ModelManifest?> GetManifestAsync(string federation, long version, CancellationToken cancellationToken = default);
}

/// <summary>Asks the grains.</summary>
public sealed class AskedModels(IGrainFactory grains) : IModelReader
{
    /// <inheritdoc/>
    public async Task<ImmutableArray<FederationSummary>> ListFederationsAsync(CancellationToken cancellationToken = default)
    {
        var names = await grains.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).ListAsync(cancellationToken);
        return [.. await Task.WhenAll(names.Select(name => grains.GetGrain<IFederationGrain>(name).GetSummaryAsync(cancellationToken)))];
    }

    /// <inheritdoc/>
    public Task<ModelSummary> GetSummaryAsync(string federation, CancellationToken cancellationToken = default) =>
        grains.GetGrain<IModelGrain>(federation).GetSummaryAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<ModelManifest?> GetManifestAsync(string federation, long version, CancellationToken cancellationToken = default) =>
        grains.GetGrain<IModelGrain>(federation).GetManifestAsync(version, cancellationToken);
}

/// <summary>Reads what the grains have stored, in a silo that is built but not started: nobody else may write meanwhile.</summary>
/// <remarks>A start of a silo takes longer than all that is to be read. Writes nothing.</remarks>
public sealed class StoredModels(
    [FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage states, GrainTypeResolver types, IModelStore store) : IModelReader
{
    /// <inheritdoc/>
    public async Task<ImmutableArray<FederationSummary>> ListFederationsAsync(CancellationToken cancellationToken = default)
    {
        var directory = await ReadAsync<FederationDirectoryState>(typeof(FederationDirectoryGrain), "federations", IFederationDirectoryGrain.Key);
        return [.. await Task.WhenAll(directory.Names.Select(async name =>
            (await ReadAsync<FederationState>(typeof(FederationGrain), "federation", name)).ToSummary(name)))];
    }

    /// <inheritdoc/>
    public async Task<ModelSummary> GetSummaryAsync(string federation, CancellationToken cancellationToken = default) =>
        (await PointerAsync(federation, cancellationToken)).ToSummary();

    /// <inheritdoc/>
    public async Task<ModelManifest?> GetManifestAsync(string federation, long version, CancellationToken cancellationToken = default) =>
        (await PointerAsync(federation, cancellationToken)).Find(version) is null ? null : await store.ReadManifestAsync(federation, version, cancellationToken);

    private async Task<ModelState> PointerAsync(string federation, CancellationToken cancellationToken)
    {
        var stored = await ReadAsync<ModelState>(typeof(ModelGrain), "model", federation);
        return await stored.BringForwardAsync(store, federation, (_, _) => { }, (_, _) => { }, cancellationToken);
    }

    private async Task<T> ReadAsync<T>(Type grain, string state, string key)
        where T : new()
    {
        var read = new GrainState<T>(new T());
        await states.ReadStateAsync(state, GrainId.Create(types.GetGrainType(grain), IdSpan.Create(key)), read);
        return read.State ?? new T();
    }
}
