using Azure;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace FedRec.Storage.GrainStates;

/// <summary>Grain states in Azure Blob storage: one blob per state, guarded by its ETag.</summary>
/// <remarks>Container, blob names, options and failures are those of Microsoft.Orleans.Persistence.AzureStorage, so that either can read
/// what the other wrote. Added: a write whose answer was lost is recognised as one's own instead of failing as a conflict; damaged bytes
/// are an error instead of a state; attempts end before the grain call does.</remarks>
public sealed class BlobGrainStorage : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    private readonly string _name;
    private readonly BlobGrainStorageOptions _options;
    private readonly StateBlobs _blobs;
    private readonly IActivatorProvider _activators;

    public BlobGrainStorage(string name, BlobGrainStorageOptions options, IActivatorProvider activators, ILogger<BlobGrainStorage> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_name, _options, _activators) = (name, options, activators);
        _blobs = new StateBlobs(options.CreateClient().GetBlobContainerClient(options.ContainerName), logger);
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => ReadStateAsync(stateName, grainId, grainState, default);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => WriteStateAsync(stateName, grainId, grainState, default);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => ClearStateAsync(stateName, grainId, grainState, default);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var blob = _blobs.Find(stateName, grainId);
        if (await StateBlobs.DownloadAsync(blob, cancellationToken) is not { } stored)
        {
            SetEmpty(grainState, etag: null);
            return;
        }

        var etag = stored.Details.ETag.ToString();
        if (stored.Content.ToMemory().IsEmpty)
        {
            SetEmpty(grainState, etag);
            return;
        }

        grainState.State = Deserialize<T>(stored.Content, blob) ?? NewState<T>();
        grainState.ETag = etag;
        grainState.RecordExists = true;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var content = _options.GrainStorageSerializer.Serialize(grainState.State);
        grainState.ETag = await _blobs.UploadAsync(_blobs.Find(stateName, grainId), content, grainState.ETag, cancellationToken);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var blob = _blobs.Find(stateName, grainId);
        string? etag = null;
        if (_options.DeleteStateOnClear)
        {
            await StateBlobs.DeleteAsync(blob, grainState.ETag, cancellationToken);
        }
        else
        {
            etag = await _blobs.UploadAsync(blob, BinaryData.Empty, grainState.ETag, cancellationToken);
        }

        SetEmpty(grainState, etag);
    }

    public void Participate(ISiloLifecycle observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        observer.Subscribe($"{nameof(BlobGrainStorage)}-{_name}", _options.InitStage, InitializeAsync);
    }

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _blobs.CreateContainerAsync(cancellationToken);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            throw new IOException($"The grain storage '{_name}' cannot use {_blobs.Uri}: {e.Message} Is the store running, and does the connection string name it?", e);
        }
    }

    private T? Deserialize<T>(BinaryData content, BlobClient blob)
    {
        try
        {
            return _options.GrainStorageSerializer.Deserialize<T>(content);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InvalidDataException($"The grain state in {blob.Uri} cannot be read as {typeof(T)}: {e.Message} Restore the blob, or delete it to start without that state.", e);
        }
    }

    private void SetEmpty<T>(IGrainState<T> grainState, string? etag)
    {
        grainState.State = NewState<T>();
        grainState.ETag = etag;
        grainState.RecordExists = false;
    }

    private T NewState<T>() => _activators.GetActivator<T>().Create();
}
