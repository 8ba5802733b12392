using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using FedRec.Contracts.Clients;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Training;

namespace FedRec.Grains.Recommendations;

/// <summary>How many users have met each item of a run: counted in the data of a simulation, and summed over clients that keep their data themselves, once for a run and silo.</summary>
internal sealed class CountedItems(FederatedEvaluator evaluator)
{
    private const int Runs = 64; // of all federations; further ones begin anew
    private readonly ConditionalWeakTable<Dataset, ItemPopularity> _loaded = []; // goes when the data goes
    private readonly ConcurrentDictionary<string, Lazy<Task<ItemCounts>>> _summed = new(StringComparer.Ordinal);

    /// <summary>Gives the number of users of an item.</summary>
    /// <param name="run">The run.</param>
    /// <param name="model">A version of it, for clients to be asked about.</param>
    public async Task<Func<int, int>> OfAsync(RunContext run, ModelReference model)
    {
        if (run.Simulated is { } simulated)
        {
            return _loaded.GetValue(simulated.Dataset, counted => ItemPopularity.Of(counted.Train, counted.Items.Count)).Count;
        }

        if (_summed.Count >= Runs && !_summed.ContainsKey(run.RunKey))
        {
            _summed.Clear();
        }

        var sum = _summed.GetOrAdd(run.RunKey, _ => new(() => evaluator.CountItemsAsync(run, model)));
        try
        {
            var counts = await sum.Value;
            return item => counts.Counts[item];
        }
        catch
        {
            _summed.TryRemove(KeyValuePair.Create(run.RunKey, sum)); // a failure is not remembered
            throw;
        }
    }
}
