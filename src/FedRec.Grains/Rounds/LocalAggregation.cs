using System.Collections.Concurrent;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Grains.Training;
using Microsoft.Extensions.Options;

namespace FedRec.Grains.Rounds;

/// <summary>A silo's local aggregation: its clients' updates are summed here, and only sums travel to the round.</summary>
internal sealed class LocalAggregation : IAsyncDisposable
{
    /// <summary>A round that is open asks for sums every few seconds, and an idle one that is not heard of for so long has closed.</summary>
    internal static readonly TimeSpan OrphanedAfter = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(string RunKey, int Round, int Region), LocalRound> _rounds = new();
    private readonly TimeProvider _time;
    private readonly WorkerPool _workers;
    private readonly IUpdateSink _sink;
    private readonly TimeSpan _flushInterval;
    private readonly int _largestOwnSum;
    private readonly ITimer _flushTimer;

    public LocalAggregation(IUpdateSink sink, WorkerPools pools, TimeProvider time, IOptions<TrainingOptions> options)
    {
        (_sink, _workers, _time) = (sink, pools.Training, time);
        (_flushInterval, _largestOwnSum) = (options.Value.FlushInterval, options.Value.LargestOwnSum);
        _flushTimer = time.CreateTimer(_ => FlushAll(), null, options.Value.FlushInterval, options.Value.FlushInterval);
    }

    /// <summary>Rounds in memory.</summary>
    public int Count => _rounds.Count;

    /// <summary>Queues a client's training; its update will be in one of the sums this silo sends.</summary>
    /// <param name="order">The round.</param>
    /// <param name="run">The run.</param>
    /// <param name="model">The version that the round starts from.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="data">What it trains on.</param>
    /// <param name="counted">What the version has counted of it already, where that is something else; otherwise null.</param>
    public void Enqueue(TrainOrder order, RunContext run, PreparedModel model, int client, ClientData data, ClientData? counted = null)
    {
        var round = RoundOf(order, run, model, client);
        if (!round.TryEnter(client))
        {
            return;
        }

        if (round.Secure is { } secure)
        {
            secure.Hold(client, data, counted);
        }
        else
        {
            _workers.Post(new ClientTraining(this, round, client, data, counted));
        }
    }

    /// <summary>Queues the training of many clients of a simulation at once.</summary>
    /// <param name="order">The round.</param>
    /// <param name="run">The run.</param>
    /// <param name="model">The version that the round starts from.</param>
    /// <param name="clients">Numbers of the clients.</param>
    /// <param name="data">What they train on.</param>
    public void EnqueueAll(TrainOrder order, RunContext run, PreparedModel model, IReadOnlyList<int> clients, ClientPartition data)
    {
        var entered = new List<(LocalRound Round, int Client)>(clients.Count);
        foreach (var client in clients)
        {
            if (run.Algorithm.Way.IsMasked)
            {
                Enqueue(order, run, model, client, data.Client(client));
            }
            else if (RoundOf(order, run, model, client) is var round && round.TryEnter(client))
            {
                entered.Add((round, client));
            }
        }

        var batch = new BatchTraining(this, entered, data);
        for (var thread = 0; thread < Math.Min(_workers.Slots, entered.Count); thread++)
        {
            _workers.Post(batch);
        }
    }

    /// <summary>Trains a client whose learner keeps something with it, which is made durable before the update counts.</summary>
    /// <param name="order">The round.</param>
    /// <param name="run">The run.</param>
    /// <param name="model">The version that the round starts from.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="data">What it trains on.</param>
    /// <param name="kept">What it kept.</param>
    /// <param name="keep">Makes what it keeps now durable; runs on the caller's scheduler.</param>
    public async Task TrainKeepingAsync(TrainOrder order, RunContext run, PreparedModel model, int client, ClientData data, ReadOnlyMemory<byte> kept, Func<ReadOnlyMemory<byte>, Task> keep)
    {
        var round = RoundOf(order, run, model, client);
        if (!round.TryEnter(client))
        {
            return;
        }

        try
        {
            var (update, outcome, after) = await _workers.RunAsync(slot => round.TrainAlone(slot, client, data, kept));
            await keep(after);
            round.Add(client, update, outcome);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            round.Fail(client, exception); // counted as dropped: not fatal to the round
        }

        if (round.Leave() && round.AllAsked)
        {
            await SendAsync(round);
        }
    }

    /// <summary>Notes that a client's update comes from a process of its own: until then the silo says that it knows of the round.</summary>
    /// <param name="order">The round.</param>
    /// <param name="run">The run.</param>
    /// <param name="model">The version that the round starts from.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="tell">Has it take steps of secure aggregation.</param>
    public void Expect(TrainOrder order, RunContext run, PreparedModel model, int client, Func<SecureCall, Task> tell)
    {
        var round = RoundOf(order, run, model, client);
        round.TryEnter(client);
        round.Secure?.Hold(client, tell);
    }

    /// <summary>Sends what has come of a client from a process of its own, by itself, so that the answer is about it alone.</summary>
    /// <param name="order">The round.</param>
    /// <param name="regions">Regions of the run; 0 for none.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="sum">What it sends; null where it sends nothing, and is dropped.</param>
    /// <returns>What became of it; null where nobody answers.</returns>
    public async Task<UpdateReceipt?> DeliverAsync(TrainOrder order, int regions, int client, PartialSum? sum)
    {
        var region = GrainKeys.RegionOf(client, regions);
        sum ??= RoundMessages.ToMessage(order, partial: null, [], bytesUp: 0) with { Failed = [client] };
        var receipt = await _sink.SendAsync(order.RunKey, sum with { Region = region });
        if (receipt is not null && _rounds.TryGetValue((order.RunKey, order.Round, region), out var round) && round.TryRelease(client) && round.Leave() && round.AllAsked)
        {
            await SendAsync(round); // of the others
        }

        return receipt;
    }

    /// <summary>Sends what a round's clients have contributed so far, and from now on whenever the silo is idle.</summary>
    /// <returns>False when this silo knows nothing of the round: its clients have to be asked again.</returns>
    public async Task<bool> FlushAsync(string runKey, int number, bool evenIfBusy)
    {
        var rounds = CollectedIn(runKey, number).ToArray();
        foreach (var round in rounds)
        {
            (round.AllAsked, round.HeardAt) = (true, _time.GetTimestamp());
            if (evenIfBusy || !round.Busy)
            {
                await SendAsync(round);
            }
        }

        return rounds.Length > 0;
    }

    /// <summary>The rounds that are collected under a number: one, or one for each region.</summary>
    public IReadOnlyList<LocalRound> RoundsOf(string runKey, int number) => [.. CollectedIn(runKey, number)];

    /// <summary>Notes that a client has had its part in the sum, or has failed, and sends the sum where it was the last.</summary>
    public void Leave(LocalRound round)
    {
        if (round.Leave() && round.AllAsked)
        {
            _ = SendAsync(round);
        }
    }

    /// <summary>Forgets a closed round; clients still training for it are not counted.</summary>
    public void Forget(string runKey, int number)
    {
        foreach (var round in CollectedIn(runKey, number))
        {
            Forget(round);
        }
    }

    /// <summary>Forgets all rounds of a run that has ended.</summary>
    public void ForgetRun(string runKey)
    {
        foreach (var round in _rounds.Values.Where(round => round.Order.RunKey == runKey))
        {
            Forget(round);
        }
    }

    public ValueTask DisposeAsync() => _flushTimer.DisposeAsync();

    private void FlushAll()
    {
        foreach (var round in _rounds.Values.Where(IsDue))
        {
            _ = SendAsync(round);
            if (!round.Busy && _time.GetElapsedTime(round.HeardAt) >= OrphanedAfter)
            {
                Forget(round); // its close was not told, perhaps because its silo was lost
            }
        }
    }

    // A round that is planned again after a crash, from another version, has nothing to do with what was trained before; and whatever is before
    // the round that is asked for has closed, whether this silo was told or not.
    private LocalRound RoundOf(TrainOrder order, RunContext run, PreparedModel model, int client)
    {
        var key = (order.RunKey, order.Round, Region: GrainKeys.RegionOf(client, run.Request.Rounds.Regions ?? 0));
        if (_rounds.TryGetValue(key, out var round) && (round.Order.Epoch, round.Order.BaseVersion).CompareTo((order.Epoch, order.BaseVersion)) >= 0)
        {
            round.HeardAt = _time.GetTimestamp();
            round.CollectIn(order.CollectedIn());
            return round;
        }

        foreach (var closed in _rounds.Values.Where(other => other.Order.RunKey == order.RunKey && (other == round || other.CollectedIn < order.CollectedIn() - run.LongestWait)))
        {
            Forget(closed);
        }

        var now = _time.GetTimestamp();
        return _rounds.GetOrAdd(key, new LocalRound(order, run, model, key.Region, LocalRound.BytesOf(run.Learner.Recipe(model.Phase)) > _largestOwnSum ? 1 : _workers.Slots) { TakenAt = now, HeardAt = now });
    }

    private void Forget(LocalRound round)
    {
        round.IsForgotten = true;
        round.Secure?.Dispose();
        _rounds.TryRemove(new((round.Order.RunKey, round.Order.Round, round.Region), round));
    }

    private bool IsDue(LocalRound round) => _time.GetElapsedTime(round.TakenAt) >= _flushInterval * Math.Max(1, round.SumBytes >> 20);

    private IEnumerable<LocalRound> CollectedIn(string runKey, int number) => _rounds.Values.Where(round => round.CollectedIn == number && round.Order.RunKey == runKey);

    private async Task SendAsync(LocalRound round)
    {
        round.TakenAt = _time.GetTimestamp();
        while (!round.IsForgotten && round.Take() is { } sum)
        {
            var receipt = await _sink.SendAsync(round.Order.RunKey, sum);
            if (receipt == UpdateReceipt.Late && round.Run.LongestWait > 0)
            {
                round.PutBack(sum); // the next round asks for it
            }
            else if (receipt is not (UpdateReceipt.Accepted or UpdateReceipt.Duplicate) && !(receipt == UpdateReceipt.Late && round.Secure is not null)) // its other clients have to unmask the sum
            {
                Forget(round); // its clients are asked again, if anyone still collects
            }
        }
    }

    // Posted once for each thread: each takes the next client that nobody has taken.
    private sealed class BatchTraining(LocalAggregation owner, List<(LocalRound Round, int Client)> clients, ClientPartition data) : IWork
    {
        private int _taken;

        public void Execute(int slot)
        {
            for (int next; (next = Interlocked.Increment(ref _taken)) <= clients.Count;)
            {
                var (round, client) = clients[next - 1];
                if (round.Train(slot, client, data.Client(client), counted: null) && round.AllAsked)
                {
                    _ = owner.SendAsync(round);
                }
            }
        }
    }

    private sealed class ClientTraining(LocalAggregation owner, LocalRound round, int client, ClientData data, ClientData? counted) : IWork
    {
        public void Execute(int slot)
        {
            if (round.Train(slot, client, data, counted) && round.AllAsked)
            {
                _ = owner.SendAsync(round);
            }
        }
    }
}
