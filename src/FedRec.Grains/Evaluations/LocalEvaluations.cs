using System.Collections.Concurrent;
using FedRec.Contracts.Clients;
using FedRec.Core.Learners;
using FedRec.Core.Parties;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>A silo's share of evaluations: its clients' results are summed here, and only sums travel.</summary>
/// <remarks>What nobody asks for is released: the evaluator may have given up, or asked again under another name after a silo was lost.</remarks>
internal sealed class LocalEvaluations : IAsyncDisposable
{
    /// <summary>Longer than a client may take to answer, of which an evaluation hears each time.</summary>
    internal static readonly TimeSpan OrphanedAfter = TimeSpan.FromMinutes(20);

    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<Guid, Entry> _evaluations = new();
    private readonly WorkerPool _workers;
    private readonly Rivals _rivals;
    private readonly TimeProvider _time;
    private readonly ITimer _releaseTimer;

    public LocalEvaluations(WorkerPools pools, Rivals rivals, TimeProvider time)
    {
        (_workers, _rivals, _time) = (pools.Training, rivals, time);
        _releaseTimer = time.CreateTimer(_ => ReleaseOrphans(), null, s_lookEvery, s_lookEvery);
    }

    /// <summary>Evaluations in memory.</summary>
    public int Count => _evaluations.Count;

    /// <summary>Evaluates a client on a training thread and adds the result.</summary>
    /// <param name="order">The evaluation.</param>
    /// <param name="run">The run.</param>
    /// <param name="model">The version.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="holdings">What it holds.</param>
    /// <param name="isRanked">False for a client that is left out: then this silo takes part, without the client.</param>
    public async Task AddAsync(EvaluateOrder order, RunContext run, PreparedModel model, int client, PartyHoldings holdings, bool isRanked)
    {
        var entry = _evaluations.GetOrAdd(order.Evaluation, _ => new(new(() => OpenAsync(order, run, model))));
        entry.HeardAt = _time.GetTimestamp();
        var evaluation = await entry.Evaluation.Value;
        await _workers.RunAsync(slot => isRanked && evaluation.Add(slot, client, holdings));
        entry.HeardAt = _time.GetTimestamp();
    }

    /// <summary>Adds what a client in a process of its own has summed.</summary>
    /// <param name="order">The evaluation.</param>
    /// <param name="run">The run.</param>
    /// <param name="model">The version.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="sums">As they travelled.</param>
    /// <param name="users">Users of the client.</param>
    /// <exception cref="InvalidDataException">They are sums of something else, or none that its users can have.</exception>
    public async Task AddSumsAsync(EvaluateOrder order, RunContext run, PreparedModel model, int client, ReadOnlyMemory<byte> sums, long users)
    {
        var entry = _evaluations.GetOrAdd(order.Evaluation, _ => new(new(() => OpenAsync(order, run, model))));
        entry.HeardAt = _time.GetTimestamp();
        (await entry.Evaluation.Value).AddSums(client, sums, users);
    }

    /// <summary>Evaluates clients of a simulation on all training threads and adds their results.</summary>
    /// <param name="order">The evaluation.</param>
    /// <param name="run">The run.</param>
    /// <param name="model">The version.</param>
    /// <param name="clients">Numbers of the clients.</param>
    /// <param name="data">What they hold.</param>
    public async Task AddAllAsync(EvaluateOrder order, RunContext run, PreparedModel model, IReadOnlyList<int> clients, SimulatedParties data)
    {
        var entry = _evaluations.GetOrAdd(order.Evaluation, _ => new(new(() => OpenAsync(order, run, model))));
        entry.HeardAt = _time.GetTimestamp();
        var evaluation = await entry.Evaluation.Value;
        var taken = 0;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(_workers.Slots, clients.Count)).Select(_ => _workers.RunAsync(slot =>
        {
            for (int next; (next = Interlocked.Increment(ref taken)) <= clients.Count;)
            {
                evaluation.Add(slot, clients[next - 1], data.Holdings(clients[next - 1]));
            }

            return true;
        })));
        entry.HeardAt = _time.GetTimestamp();
    }

    /// <summary>Takes the sums out; null when no client of this silo took part.</summary>
    public byte[]? Take(Guid id) =>
        _evaluations.TryRemove(id, out var entry) && entry.Evaluation.Value.IsCompletedSuccessfully ? entry.Evaluation.Value.Result.Sum() : null;

    /// <summary>Forgets an evaluation that was given up.</summary>
    public void Forget(Guid id) => _evaluations.TryRemove(id, out _);

    public ValueTask DisposeAsync() => _releaseTimer.DisposeAsync();

    private void ReleaseOrphans()
    {
        foreach (var (id, _) in _evaluations.Where(one => _time.GetElapsedTime(one.Value.HeardAt) >= OrphanedAfter))
        {
            Forget(id);
        }
    }

    private async Task<LocalEvaluation> OpenAsync(EvaluateOrder order, RunContext run, PreparedModel model)
    {
        try
        {
            var rival = await _rivals.OpenAsync(order, run);
            var (plan, scorers) = (new EvaluationPlan(order, run), new ModelScorers(run, model, order.Shared));
            return new LocalEvaluation(
                () => order.CountsItems ? new CountSlot(plan) : rival is null ? new MetricSlot(plan, scorers) : new ComparisonSlot(plan, scorers, rival), _workers.Slots);
        }
        catch
        {
            Forget(order.Evaluation); // a failure is not remembered
            throw;
        }
    }

    private sealed class Entry(Lazy<Task<LocalEvaluation>> evaluation)
    {
        public Lazy<Task<LocalEvaluation>> Evaluation => evaluation;

        /// <summary>When a client was last added, as a timestamp.</summary>
        public long HeardAt { get; set; }
    }
}
