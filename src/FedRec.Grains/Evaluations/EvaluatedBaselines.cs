using System.Collections.Concurrent;
using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;

namespace FedRec.Grains.Evaluations;

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
