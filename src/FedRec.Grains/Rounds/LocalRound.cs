using System.Collections.Concurrent;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Updates;
using FedRec.Grains.Training;

namespace FedRec.Grains.Rounds;

/// <summary>One silo's share of one round: trains its clients and sums their updates while they are hot in cache.</summary>
/// <remarks>Every training thread has a sum of its own, see <see cref="LocalSum"/>, or all share one.</remarks>
/// <param name="order">The round.</param>
/// <param name="run">The run.</param>
/// <param name="model">The version that the round starts from.</param>
/// <param name="region">The region of its clients, from 1; 0 where there are none.</param>
/// <param name="sums">Number of sums; what a thread adds goes to that of its slot, modulo this number.</param>
internal sealed class LocalRound(TrainOrder order, RunContext run, PreparedModel model, int region, int sums)
{
    private readonly LocalSum[] _sums = [.. Enumerable.Range(0, sums).Select(_ => NewSum(run, model))];
    private readonly ConcurrentDictionary<int, bool> _held = new();
    private readonly RoundRecipe _recipe = run.Learner.Recipe(model.Phase);
    private readonly ConcurrentQueue<PartialSum> _late = new();
    private int _pending;
    private LocalSecureRound? _secure;

    /// <summary>The region of its clients, from 1; 0 where there are none.</summary>
    public int Region => region;

    /// <summary>What is trained for.</summary>
    public TrainOrder Order => order;

    /// <summary>The round that collects it: of an asynchronous run, a later one once that it was trained for has closed.</summary>
    public int CollectedIn { get; private set; } = order.CollectedIn();

    public RunContext Run => run;

    /// <summary>Set once the round has asked all clients: then an idle silo sends at once.</summary>
    public bool AllAsked { get; set; }

    /// <summary>Set once nobody collects it any more: what its clients, still training, come to is sent nowhere. They may be asked again by another attempt at the run, and their
    /// failures would count there.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>When a sum was last taken out, as a timestamp.</summary>
    public long TakenAt { get; set; }

    /// <summary>When the round was last heard of, as a timestamp.</summary>
    public long HeardAt { get; set; }

    /// <summary>Bytes of a sum.</summary>
    public long SumBytes => BytesOf(_recipe);

    /// <summary>Its clients' keys and masks, where updates are masked; otherwise null.</summary>
    public LocalSecureRound? Secure => !run.Algorithm.Way.IsMasked ? null
        : Volatile.Read(ref _secure) ?? Interlocked.CompareExchange(ref _secure, new LocalSecureRound(this, run, model), null) ?? _secure;

    /// <summary>True while clients are queued or training.</summary>
    public bool Busy => Volatile.Read(ref _pending) > 0;

    /// <summary>Notes that a client is about to be queued.</summary>
    /// <returns>False when its update is under way or not sent yet: asked again, it would be in the sum twice.</returns>
    public bool TryEnter(int client)
    {
        var entered = _held.TryAdd(client, true);
        if (entered)
        {
            Interlocked.Increment(ref _pending);
        }

        return entered;
    }

    /// <summary>Trains one client on the calling thread.</summary>
    /// <returns>True when no other client is queued or training.</returns>
    public bool Train(int slot, int client, ClientData data, ClientData? counted)
    {
        try
        {
            using var kernels = run.Kernels(slot);
            kernels.Buffer.Clear();
            var task = run.Algorithm.TaskOf(order.Round, client, data, counted: counted);
            var (update, outcome, _) = run.Algorithm.Send(_recipe, order.Round, client, kernels.Worker.Train(model, task, kernels.Buffer), kernels.Buffer);
            Add(client, update, outcome, slot);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Fail(client, exception, slot); // the client is counted as dropped: not fatal to the round
        }

        return Leave();
    }

    /// <summary>Trains one client on the calling thread, and adds its update once it is masked.</summary>
    /// <param name="slot">The training thread.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="data">What it trains on.</param>
    /// <param name="counted">As for <see cref="LocalAggregation.Enqueue"/>.</param>
    /// <param name="session">Hash of the try in which it is masked.</param>
    /// <param name="mask">Masks its update, as the sum of one client.</param>
    public void TrainMasked(int slot, int client, ClientData data, ClientData? counted, ReadOnlyMemory<byte> session, Func<FixedPointSum, Outcome<MaskedInput>> mask)
    {
        using var kernels = run.Kernels(slot);
        kernels.Buffer.Clear();
        var task = run.Algorithm.TaskOf(order.Round, client, data, counted: counted);
        var (update, outcome, _) = run.Algorithm.Send(_recipe, order.Round, client, kernels.Worker.Train(model, task, kernels.Buffer), kernels.Buffer, session: session);
        var open = run.Algorithm.EmptyOpened(_recipe);
        try
        {
            if (!open.TryAdd(client, update))
            {
                _sums[slot % _sums.Length].Reject(client, UpdateFaults.Of(open.FindFault(update), _recipe.Update));
                return;
            }

            var masked = mask((FixedPointSum)open);
            _sums[slot % _sums.Length].Add(masked.Value ?? throw new InvalidDataException(masked.Refusal!.Text), outcome);
        }
        finally
        {
            ((FixedPointSum)open).Clear(); // nobody finds it where it was
            open.Release();
        }
    }

    /// <summary>Trains one client on the calling thread and sums nothing.</summary>
    /// <returns>What it sends, and what it keeps if the round counts it.</returns>
    public (ClientUpdate Update, UpdateOutcome Outcome, ReadOnlyMemory<byte> Kept) TrainAlone(int slot, int client, ClientData data, ReadOnlyMemory<byte> kept)
    {
        using var kernels = run.Kernels(slot);
        var own = new UpdateBuffer();
        return run.Algorithm.Send(_recipe, order.Round, client, kernels.Worker.Train(model, run.Algorithm.TaskOf(order.Round, client, data, kept), own), own, kept);
    }

    /// <summary>Adds what a client sends to this silo's sum.</summary>
    public void Add(int client, ClientUpdate update, UpdateOutcome outcome, int slot = 0) => _sums[slot % _sums.Length].Add(client, update, outcome);

    /// <summary>Notes that a client has failed: it is dropped, or rejected where its numbers have no result.</summary>
    public void Fail(int client, Exception exception, int slot = 0)
    {
        if (exception is ArithmeticException)
        {
            _sums[slot % _sums.Length].Reject(client, UpdateFaults.InTraining);
            return;
        }

        run.LogTrainingFailed(order.Round, exception);
        _sums[slot % _sums.Length].Fail(client);
    }

    /// <summary>Notes that a client that has entered is done.</summary>
    /// <returns>True when no other client is queued or training.</returns>
    public bool Leave() => Interlocked.Decrement(ref _pending) == 0;

    /// <summary>Lets go of a client that has entered; the round answers for it from here on, and may ask again.</summary>
    /// <returns>False when it had not entered.</returns>
    public bool TryRelease(int client) => _held.TryRemove(client, out _);

    /// <summary>Notes that a later round collects what is not counted yet.</summary>
    public void CollectIn(int later) => CollectedIn = Math.Max(CollectedIn, later);

    /// <summary>Keeps a sum that came after its round had closed, for the next one to collect.</summary>
    public void PutBack(PartialSum sum)
    {
        foreach (var client in sum.Clients)
        {
            _held.TryAdd(client, true);
        }

        _late.Enqueue(sum);
    }

    /// <summary>Takes out what has been summed since the last time; null when there is nothing more.</summary>
    public PartialSum? Take()
    {
        if (_late.TryPeek(out var late) && late.CollectedIn() < CollectedIn && _late.TryDequeue(out late))
        {
            Release(late.Clients);
            return late with { Collecting = CollectedIn };
        }

        var taken = NewSum(run, model);
        foreach (var sum in _sums)
        {
            sum.MoveTo(taken);
        }

        Release(taken.Clients);
        return taken.ToMessage(order with { Collecting = CollectedIn == order.Round ? 0 : CollectedIn }) is { } message ? message with { Region = region } : null;
    }

    // From here on the round answers for them, and may ask again.
    private void Release(IEnumerable<int> clients)
    {
        foreach (var client in clients)
        {
            _held.TryRemove(client, out _);
        }
    }

    /// <summary>Bytes of a sum of a round.</summary>
    public static long BytesOf(RoundRecipe recipe) => sizeof(long) * (long)recipe.Update.Length;

    private static LocalSum NewSum(RunContext run, PreparedModel model)
    {
        var recipe = run.Learner.Recipe(model.Phase);
        return new LocalSum(() => run.Algorithm.Empty(recipe), recipe.Update);
    }
}
