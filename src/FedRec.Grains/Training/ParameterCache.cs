using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Models;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;
using Microsoft.Extensions.Options;

namespace FedRec.Grains.Training;

/// <summary>One read-only copy of each model version in use, shared by all grains of the silo.</summary>
internal sealed class ParameterCache(IGrainFactory grains, IModelStore store, IOptions<TrainingOptions> options)
{
    private const int SliceBytes = 16 << 20; // far below the size at which Orleans closes a connection
    private readonly ConcurrentDictionary<ModelReference, Task<PreparedModel>> _models = new();
    private readonly ConcurrentQueue<ModelReference> _order = new();

    public bool TryGet(ModelReference reference, [NotNullWhen(true)] out PreparedModel? model)
    {
        model = _models.TryGetValue(reference, out var loading) && loading.IsCompletedSuccessfully ? loading.Result : null;
        return model is not null;
    }

    /// <summary>Offers parameters that were made on this silo.</summary>
    public void Put(ModelReference reference, PreparedModel model)
    {
        _models[reference] = Task.FromResult(model);
        Trim(reference);
    }

    /// <summary>The parameters, fetched now when this silo does not have them.</summary>
    /// <exception cref="ArgumentException">There is no such version, or the run no longer holds that round.</exception>
    public async Task<PreparedModel> GetAsync(ModelReference reference, RunContext run, CancellationToken cancellationToken)
    {
        if (TryGet(reference, out var model))
        {
            return model;
        }

        var loading = _models.GetOrAdd(reference, key => Task.Run(() => LoadAsync(key, run)));
        try
        {
            model = await loading.WaitAsync(cancellationToken);
        }
        catch
        {
            _models.TryRemove(new(reference, loading)); // a failure is not remembered
            throw;
        }

        Trim(reference);
        return model;
    }

    private async Task<PreparedModel> LoadAsync(ModelReference reference, RunContext run)
    {
        var values = reference.Version > 0 ? await LoadVersionAsync(reference) : await AskRunAsync(reference);
        if (values.Length != run.Learner.Parameters.Length)
        {
            throw new ArgumentException($"The model of {reference} has {values.Length} parameters, the learner {run.Learner.Name} on this data {run.Learner.Parameters.Length}.", nameof(reference));
        }

        return run.Learner.Prepare(values);
    }

    private async Task<ReadOnlyMemory<float>> LoadVersionAsync(ModelReference reference)
    {
        var federation = GrainKeys.Federation(reference.RunKey);
        var manifest = await grains.GetGrain<IModelGrain>(federation).GetManifestAsync(reference.Version)
            ?? throw new ArgumentException($"Federation {federation} has no model version {reference.Version}.", nameof(reference));
        var content = await store.LoadContentAsync(federation, ModelFiles.Tensors, manifest.Version, manifest.Sha256);
        return Safetensors.Read(content).Values;
    }

    private async Task<ReadOnlyMemory<float>> AskRunAsync(ModelReference reference)
    {
        var run = grains.GetGrain<IRunGrain>(reference.RunKey);
        float[]? values = null;
        var offset = 0;
        do
        {
            var slice = await run.ReadParametersAsync(reference.Round, offset, SliceBytes)
                ?? throw new ArgumentException($"Run {reference.RunKey} no longer holds the parameters after round {reference.Round}.", nameof(reference));
            values ??= new float[slice.TotalBytes / sizeof(float)];
            slice.Bytes.Span.CopyTo(MemoryMarshal.AsBytes(values.AsSpan())[offset..]);
            offset += slice.Bytes.Length;
        }
        while (offset < values.Length * sizeof(float));

        return values;
    }

    private void Trim(ModelReference newest)
    {
        _order.Enqueue(newest);
        while (_order.Count > options.Value.CachedVersions && _order.TryDequeue(out var oldest))
        {
            if (oldest != newest && !_order.Contains(oldest))
            {
                _models.TryRemove(oldest, out _);
            }
        }
    }
}
