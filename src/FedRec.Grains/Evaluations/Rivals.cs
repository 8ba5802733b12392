using FedRec.Contracts.Clients;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>Makes ready what a model is compared with.</summary>
internal sealed class Rivals(RunContexts runs, ParameterCache parameters)
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
                order.SharedRival ? null : run.Partition.Client); // the same clients: the other run may have dealt the users otherwise
        }

        return order.Baseline is { } name
            ? new SharedScorer(await Task.Run(() => RunBaselines.Create(name, run)))
            : null;
    }
}
