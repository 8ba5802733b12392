using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Grains.Training;

namespace FedRec.Grains.Rounds;

/// <summary>The outgoing calls of a round: asks clients, keeps track of which silo carries whose update, asks again what got lost.</summary>
/// <remarks>Used on the round grain's scheduler only, hence without locks.</remarks>
internal sealed partial class CohortCalls(
    RoundOrder order,
    IGrainFactory grains,
    CohortSilos silos,
    CohortRegions regions,
    Func<IEnumerable<SiloAddress>> active,
    Action<int> dropped,
    TimeProvider time,
    ILogger log)
{
    private const int MaxAttempts = 3;
    private const int MostMessages = 100; // in one call: with thousands of clients each is told of a hundred others
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(0.5);
    private readonly TrainOrder _trainOrder = new(order.RunKey, order.Round, order.BaseVersion, Epoch: order.Epoch, Since: order.Since);
    private readonly Dictionary<int, TrainedFor> _earlier = order.Asked?.Where(one => one.Round != order.Round || one.BaseVersion != order.BaseVersion).ToDictionary(one => one.Client) ?? [];
    private readonly GrainsOf<IClientGrain> _clients = new(grains);
    private readonly string _federation = GrainKeys.Federation(order.RunKey);
    private readonly Dictionary<int, SiloAddress> _siloOf = new(order.Settings.CohortSize);
    private readonly Dictionary<int, int> _attempts = [];
    private readonly HashSet<SiloAddress> _silent = []; // asked for a batch in this round, without an answer
    private readonly long _since = time.GetTimestamp();
    private bool _asking;
    private bool _isOver;

    /// <summary>Whether clients are being asked.</summary>
    public bool IsAsking => _asking;

    /// <summary>Asks clients to train, then lets their silos send what they have summed.</summary>
    public async Task AskAsync(ImmutableArray<int> clients)
    {
        _asking = true;
        try
        {
            clients = await OpenRegionsAsync(clients);
            await (order.InBatches ? AskInBatchesAsync(clients) : Waves.AskAsync(clients, AskAsync, time));
        }
        finally
        {
            _asking = false; // or nobody would look after them any more
        }

        await silos.FlushAsync(evenIfBusy: false);
    }

    /// <summary>Asks clients again whose update cannot come any more.</summary>
    public async Task AskAgainAsync(ImmutableArray<int> clients)
    {
        if (!clients.IsEmpty)
        {
            LogAskingAgain(order.RunKey, order.Round, clients.Length);
            await AskAsync(clients);
        }
    }

    /// <summary>Finds out whether the silos of outstanding clients still know the round, and asks lost clients again.</summary>
    /// <param name="outstanding">Looked at after the silos have answered: the round may have closed meanwhile.</param>
    public async Task WatchAsync(Func<ImmutableArray<int>> outstanding)
    {
        if (_asking)
        {
            return;
        }

        await AskAgainAsync(await FindLostAsync(outstanding));
    }

    /// <summary>Finds out which clients' silos, or regions, are gone or know nothing of the round.</summary>
    /// <param name="outstanding">As for <see cref="WatchAsync"/>.</param>
    public async Task<ImmutableArray<int>> FindLostAsync(Func<ImmutableArray<int>> outstanding)
    {
        await silos.FlushAsync(evenIfBusy: false);
        var (lost, lostRegions) = (silos.TakeLost(), await regions.FlushAsync());
        return [.. outstanding().Where(client => _siloOf.TryGetValue(client, out var silo) && (lost.Contains(silo) || lostRegions.Contains(regions.Of(client))))];
    }

    /// <summary>Has clients that were asked take a step of secure aggregation, by their silos.</summary>
    /// <returns>Clients whose silo does not answer, or knows nothing of it.</returns>
    public async Task<IReadOnlyList<int>> SendAsync(SecureCall call)
    {
        var parts = call.Messages.GroupBy(message => _siloOf.GetValueOrDefault(message.Client)).SelectMany(silo => silo.Chunk(MostMessages).Select(part => (Silo: silo.Key, Messages: part))).ToArray();
        var answers = await Task.WhenAll(parts.Select(part => part.Silo is null ? Task.FromResult(false) : silos.SecureAsync(part.Silo, call with { Messages = [.. part.Messages] })));
        return [.. parts.Zip(answers).Where(one => !one.Second).SelectMany(one => one.First.Messages).Select(message => message.Client)];
    }

    /// <summary>Has every silo send what it has summed, finished or not, and every region what it has of it.</summary>
    public async Task CollectAsync()
    {
        await silos.FlushAsync(evenIfBusy: true);
        await regions.FlushAsync();
    }

    /// <summary>Tells every silo that the round has closed.</summary>
    public Task ForgetAsync()
    {
        _isOver = true;
        return silos.ForgetAsync();
    }

    // Which silo trains whom is seen nowhere: clients are dealt by their numbers, and those of a silo that does not answer to the others.
    private async Task AskInBatchesAsync(ImmutableArray<int> clients)
    {
        for (var attempt = 1; !clients.IsEmpty && attempt <= MaxAttempts; attempt++)
        {
            var all = active().Except(_silent).Order().ToArray();
            if (all.Length == 0)
            {
                break;
            }

            var batches = clients.GroupBy(client => (Silo: all[client % all.Length], Order: OrderOf(client))).ToArray();
            var answers = await Task.WhenAll(batches.Select(batch => silos.TrainAsync(batch.Key.Silo, batch.Key.Order, [.. batch])));
            foreach (var (batch, _) in batches.Zip(answers).Where(one => one.Second))
            {
                foreach (var client in batch)
                {
                    _siloOf[client] = batch.Key.Silo;
                }
            }

            _silent.UnionWith(batches.Zip(answers).Where(one => !one.Second).Select(one => one.First.Key.Silo));
            clients = [.. batches.Zip(answers).Where(one => !one.Second).SelectMany(one => one.First)];
        }

        foreach (var client in clients)
        {
            dropped(client);
        }
    }

    // Clients whose region does not answer again and again are dropped: their updates would get nowhere.
    private async Task<ImmutableArray<int>> OpenRegionsAsync(ImmutableArray<int> clients)
    {
        var closed = await regions.OpenAsync(clients);
        for (var attempt = 1; closed.Count > 0 && attempt < MaxAttempts; attempt++)
        {
            closed = await regions.OpenAsync(clients.Where(client => closed.Contains(regions.Of(client))));
        }

        foreach (var client in clients.Where(client => closed.Contains(regions.Of(client))))
        {
            dropped(client);
        }

        return closed.Count == 0 ? clients : [.. clients.Where(client => !closed.Contains(regions.Of(client)))];
    }

    private async Task AskAsync(int client)
    {
        while (true)
        {
            try
            {
                var receipt = await _clients.Get(GrainKeys.Client(_federation, client)).TrainAsync(OrderOf(client));
                _siloOf[client] = receipt.Silo;
                silos.Add(receipt.Silo);
                return;
            }
            catch (OrleansMessageRejectionException exception) when (!_isOver && time.GetElapsedTime(_since) < order.Settings.Deadline)
            {
                LogClientNotReached(order.RunKey, order.Round, client, exception);
                await Task.Delay(s_pause, time); // its silo is gone, which takes a moment to be known; then it is made on another one
            }
            catch (Exception exception)
            {
                var attempts = _attempts[client] = _attempts.GetValueOrDefault(client) + 1;
                LogClientFailed(order.RunKey, order.Round, client, attempts, exception);
                if (attempts >= MaxAttempts)
                {
                    dropped(client); // counted, not fatal
                    return;
                }
            }
        }
    }

    private TrainOrder OrderOf(int client) =>
        _earlier.TryGetValue(client, out var asked) ? new TrainOrder(order.RunKey, asked.Round, asked.BaseVersion, order.Round, order.Epoch, order.Since) : _trainOrder;

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: client {Client} could not be asked, attempt {Attempt}")]
    private partial void LogClientFailed(string run, int round, int client, int attempt, Exception exception);

    [LoggerMessage(LogLevel.Debug, "Run {Run}, round {Round}: client {Client} is not reached for the moment")]
    private partial void LogClientNotReached(string run, int round, int client, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: {Clients} clients are asked again")]
    private partial void LogAskingAgain(string run, int round, int clients);
}
