using System.Collections.Concurrent;
using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Evaluations;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Federation;
using FedRec.Grains.Models;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>Trains what a run's versions are compared with, on the run's data. Exists only where a silo simulates all parties.</summary>
internal static class RunBaselines
{
    /// <summary>A recommender that is no federation: a usual one, or the run's own learner with each party's data alone or with all data.</summary>
    /// <returns>A scorer that may be shared by threads.</returns>
    /// <exception cref="ArgumentException">There is no such baseline, or it makes no sense for these parties.</exception>
    public static IScorer Create(string name, RunContext run) => PartyBaselines.Names.Contains(name)
        ? PartyBaselines.Create(name, run.SimulatedFor(name).Partition, client => Train(run, client))
        : BaselineRegistry.Create(name, run.SimulatedFor(name).Dataset, run.Request.Seed);

    private static VersionScorer Train(RunContext run, ClientData client)
    {
        var rounds = run.Request.Rounds.Count;
        var learner = run.Parts.Learner(run.Request.Learner).Create(run.Request.LearnerOptions, run.Shape); // without clusters
        var federation = new InProcessFederation(learner, round => ServerOptimizers.Create(run.Request.ServerOptimizer, round, rounds), ClientWeighting.Parse(run.Request.Rounds.Weighting, run.Request.Rounds.WeightCap));
        return new VersionScorer(learner, federation.Train([client], rounds, run.Request.Seed));
    }
}

/// <summary>The baselines that were evaluated since the silo started, so that whoever shows a run need not train them again.</summary>
/// <remarks>The last evaluation of each baseline. Lost with the silo: they can be made again from the data.</remarks>
internal sealed class EvaluatedBaselines
{
    private const int Runs = 64; // of all federations; further ones begin anew
    private readonly ConcurrentDictionary<string, ImmutableSortedDictionary<string, EvaluationRecord>> _byRun = new(StringComparer.Ordinal);

    /// <summary>Notes a baseline of a run.</summary>
    public void Add(string runKey, EvaluationRecord record)
    {
        if (_byRun.Count >= Runs && !_byRun.ContainsKey(runKey))
        {
            _byRun.Clear();
        }

        _byRun.AddOrUpdate(
            runKey,
            _ => ImmutableSortedDictionary.Create<string, EvaluationRecord>(StringComparer.Ordinal).Add(record.Name, record),
            (_, known) => known.SetItem(record.Name, record));
    }

    /// <summary>The baselines of a run, by name.</summary>
    public ImmutableArray<EvaluationRecord> Of(string runKey) => _byRun.TryGetValue(runKey, out var known) ? [.. known.Values] : [];
}

/// <summary>Makes ready what a model is compared with.</summary>
internal sealed class Rivals(RunCache runs, ParameterCache parameters)
{
    /// <summary>The other model of a comparison; null when the order asks for none.</summary>
    /// <exception cref="ArgumentException">There is no such version or baseline.</exception>
    public async Task<IScorerSource?> OpenAsync(EvaluateOrder order, RunContext run)
    {
        if (order.Against is { } against)
        {
            var other = await runs.GetAsync(against.RunKey, CancellationToken.None);
            return new ModelScorers(
                other,
                await parameters.GetToScoreAsync(against, other, CancellationToken.None),
                order.SharedRival);
        }

        return order.Baseline is { } name
            ? new SharedScorer(await Task.Run(() => RunBaselines.Create(name, run)))
            : null;
    }
}
