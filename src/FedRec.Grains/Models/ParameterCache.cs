using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using FedRec.Contracts.Clients;
using FedRec.Core.Catalogues;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Grains.Training;
using Microsoft.Extensions.Options;

namespace FedRec.Grains.Models;

/// <summary>One read-only copy of each model version in use, shared by all grains of the silo.</summary>
/// <remarks>The version in use of each federation that is served here and the parameters of the round in training stay; of the others those go first that
/// were not used for longest.</remarks>
internal sealed class ParameterCache(VersionReader versions, ParameterDownloads downloads, IOptions<TrainingOptions> options)
{
    private const int MostRoundsBack = 8; // the run itself keeps the last two, and in real time those that clients are late with
    private readonly RecentlyUsed<ModelReference, PreparedModel> _models = new(options.Value.CachedVersions);
    private readonly ConcurrentDictionary<string, ModelReference> _training = new();
    private readonly ConditionalWeakTable<PreparedModel, FederationCatalogue> _itemsOf = []; // that a version was made ready for

    public bool TryGet(ModelReference reference, [NotNullWhen(true)] out PreparedModel? model) => _models.TryGet(reference, out model);

    /// <summary>Offers parameters that were made on this silo.</summary>
    public void Put(ModelReference reference, PreparedModel model)
    {
        PinRound(reference);
        _models.Put(reference, model);
    }

    /// <summary>Drops the rounds of a run before one of them: nobody trains for them any more.</summary>
    public void ForgetRounds(string runKey, int before) => _models.Remove(one => one.RunKey == runKey && one.Version == 0 && one.Round < before);

    /// <summary>The parameters, fetched now when this silo does not have them.</summary>
    /// <exception cref="ArgumentException">There is no such version, or the run no longer holds that round.</exception>
    public async Task<PreparedModel> GetAsync(ModelReference reference, RunContext run, CancellationToken cancellationToken)
    {
        PinRound(reference);
        var model = await _models.GetOrLoad(reference, key => LoadAsync(key, run)).WaitAsync(cancellationToken);
        if (_itemsOf.TryGetValue(model, out var items) && !ReferenceEquals(items, run.Catalogue))
        {
            _models.Remove(one => one == reference); // the data was read again since, and its items may stand in another order
            model = await _models.GetOrLoad(reference, key => LoadAsync(key, run)).WaitAsync(cancellationToken);
        }

        return model;
    }

    /// <summary>As <see cref="GetAsync"/>, with all that scoring needs worked out.</summary>
    /// <exception cref="ArgumentException">There is no such version, or the run no longer holds that round.</exception>
    public async Task<PreparedModel> GetToScoreAsync(ModelReference reference, RunContext run, CancellationToken cancellationToken)
    {
        var model = await GetAsync(reference, run, cancellationToken);
        if (model.Derived is { IsReady: false } weights)
        {
            await weights.DeriveAsync().WaitAsync(cancellationToken);
        }

        return model;
    }

    /// <summary>Keeps a federation's version in use, in place of the one that was before.</summary>
    public void Serve(ModelReference reference) => _models.Pin($"serving {GrainKeys.Federation(reference.RunKey)}", reference);

    /// <summary>Drops the rounds of a run: it has ended, or begins again at a round that it published. Its versions stay.</summary>
    public void ForgetRounds(string runKey)
    {
        if (_training.TryRemove(runKey, out var newest))
        {
            _models.Unpin(Trains(runKey), newest);
        }

        _models.Remove(reference => reference.RunKey == runKey && reference.Version == 0);
        downloads.Forget(runKey);
    }

    private static string Trains(string runKey) => $"training {runKey}";

    // The newest round of a run that was asked for is the one in training; the one before it is soon asked for by nobody.
    private void PinRound(ModelReference reference)
    {
        if (reference.Version > 0)
        {
            return;
        }

        var newest = _training.AddOrUpdate(reference.RunKey, reference, (_, present) => reference.Round > present.Round ? reference : present);
        if (ReferenceEquals(newest, reference))
        {
            _models.Pin(Trains(reference.RunKey), reference);
        }
    }

    private async Task<PreparedModel> LoadAsync(ModelReference reference, RunContext run)
    {
        if (reference.Version > 0)
        {
            var model = await versions.OpenAsync(reference, run);
            _itemsOf.AddOrUpdate(model, run.Catalogue);
            return model;
        }

        var (values, phase) = await downloads.FetchAsync(reference, Held(reference));
        if (values.Length != run.Learner.Parameters.Length)
        {
            throw new ArgumentException($"The model of {reference} has {values.Length} parameters, the learner {run.Learner.Name} on this data {run.Learner.Parameters.Length}.", nameof(reference));
        }

        return phase is null ? run.Learner.Prepare(values) : run.Learner.Prepare(values, LearningPhase.Parse(phase));
    }

    // The newest of the few rounds before one whose parameters are here.
    private (int Round, ReadOnlyMemory<float> Values)? Held(ModelReference wanted)
    {
        for (var round = wanted.Round - 1; round >= Math.Max(0, wanted.Round - MostRoundsBack); round--)
        {
            if (_models.TryGet(wanted with { Round = round }, out var model))
            {
                return (round, model.Parameters);
            }
        }

        return null;
    }
}
