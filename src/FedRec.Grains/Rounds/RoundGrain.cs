using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Core.Federation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Grains.Models;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Placement;
using Orleans.Storage;

namespace FedRec.Grains.Rounds;

/// <summary>Keeps one round: stores its plan before anyone is asked, and its sum while a long round is open.</summary>
/// <remarks>After a crash the plan is read again, the deadline starts anew and whoever is not in the stored sum is asked again;
/// training is deterministic, so the repeated update is the same. It lives on the silo of its run, which opens it: what it has summed crosses to no other.</remarks>
[PreferLocalPlacement]
internal sealed class RoundGrain(
    [FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage storage,
    LocalAggregators aggregators,
    ISiloStatusOracle silos,
    TimeProvider time,
    SumBlocks blocks,
    FederationParts parts,
    RunCache runs,
    ParameterCache parameters,
    IOptions<TrainingOptions> options,
    ILogger<RoundGrain> log) : Grain, IRoundGrain
{
    private const int MaxAttempts = 3;
    private LazyState<RoundState> _saved = null!; // set on activation
    private OpenRound? _open;
    private bool _beginsAgain; // there is no open round for a moment
    private long _checkpointAt;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _saved = new LazyState<RoundState>("round", this, storage);
        return Task.CompletedTask;
    }

    public async Task OpenAsync(RoundOrder order, CancellationToken cancellationToken = default)
    {
        if (order.Durable)
        {
            await ReadAsync(order.Since);
            ThrowUnlessSameCatalogue(order);
        }
        else
        {
            _saved.SkipReading(); // whatever is stored under this number is repeated from an earlier round
        }

        var known = _open?.Order ?? _saved.State.Order;
        if (known?.Epoch > order.Epoch)
        {
            throw new InconsistentStateException($"Attempt {order.Epoch} at the run is over: attempt {known.Epoch} drives its round {order.Round}.");
        }

        if (known?.Since < order.Since)
        {
            _open?.Drop(); // of rounds that never were: the run has begun with the first one again
            (_open, _saved.State) = (null, new RoundState());
        }

        PartialSum? counted = null;
        if (_open is { } former && former.Order.Epoch < order.Epoch)
        {
            // Of rounds that nobody has stored the one before it may have come to another model, with other clients. After a checkpoint it is the same: what was counted counts, and
            // whom the earlier attempt did not reach, perhaps as its silo was taken for dead, is asked again.
            var isSame = order.Durable && former.Order.BaseVersion == order.BaseVersion;
            if (!isSame || former.HasLost)
            {
                counted = isSame && former.CanBeKept ? former.Checkpoint() : null;
                former.Drop();
                _open = null;
            }
        }

        // A closed round that is asked for again, without its sum in memory, lost the sum in a crash before a version held it. One that was abandoned stays so, unless clients were missing to the
        // attempt that is over.
        if (_open is not null || (_saved.State.Closed is { Phase: nameof(RoundPhase.Abandoned) } closed && (closed.Dropped == 0 || known?.Epoch == order.Epoch)))
        {
            return;
        }

        _saved.State = new RoundState { Order = order, Counted = counted };
        if (order.Durable)
        {
            await _saved.WriteAsync(); // before anyone is asked
        }

        Begin(order, counted);
    }

    public Task WakeAsync() => Task.CompletedTask;

    public async Task<RoundResult?> WaitAsync(TimeSpan wait, CancellationToken cancellationToken = default)
    {
        await ReadAsync();
        if (_open is not { } open)
        {
            return _saved.State.Closed is { } closed
                ? new RoundResult(closed, null)
                : throw new InvalidOperationException($"Round {this.GetPrimaryKeyString()} is not open.");
        }

        if (!open.Closed.IsCompleted)
        {
            await Task.WhenAny(open.Closed, Task.Delay(wait, time, cancellationToken));
        }

        return open.IsClosed ? blocks.Envelope(open.Result()) : null;
    }

    public Task StageAsync(SumBlock block, CancellationToken cancellationToken = default)
    {
        _open?.Stage(block);
        return Task.CompletedTask;
    }

    public Task UnstageAsync(Guid sum, CancellationToken cancellationToken = default)
    {
        _open?.Unstage(sum);
        return Task.CompletedTask;
    }

    public Task<SumBlock?> ReadSumAsync(int offset, int count, CancellationToken cancellationToken = default)
    {
        var values = _open is { IsClosed: true } open ? open.Result().Sum?.Values ?? default : default;
        return Task.FromResult(values.Length < offset + count ? null : new SumBlock(Guid.Empty, offset, values.Length, values.Slice(offset, count)));
    }

    public async Task<UpdateReceipt> SubmitAsync(PartialSum updates, CancellationToken cancellationToken = default)
    {
        await ReadAsync();
        if (_beginsAgain)
        {
            return UpdateReceipt.Late; // of the try that is over
        }

        if (_open is null && _saved.State.Closed is null)
        {
            DeactivateOnIdle(); // a late sum has made it where its run may not be
            return UpdateReceipt.UnknownRound;
        }

        if (_open is null)
        {
            return UpdateReceipt.Late;
        }

        var receipt = _open.Submit(updates);
        if (receipt == UpdateReceipt.Accepted && !_open.IsClosed && _open.CanBeKept && _saved.State.Order!.Durable
            && time.GetElapsedTime(_checkpointAt) >= options.Value.CheckpointInterval)
        {
            _checkpointAt = time.GetTimestamp();
            _saved.State = _saved.State with { Counted = _open.Checkpoint() };
            await _saved.WriteAsync();
        }

        return receipt;
    }

    public async Task<bool> AnswerAsync(SecureAnswers answers, CancellationToken cancellationToken = default)
    {
        await ReadAsync();
        return _open is not null && _open.Answer(answers);
    }

    public async Task CommitAsync(long version, CancellationToken cancellationToken = default)
    {
        await ReadAsync();
        if (_open is not null)
        {
            _open.Commit();
            _saved.State = new RoundState { Order = _saved.State.Order, Closed = _open.Record() with { Version = version } };
            if (_saved.State.Order!.Durable)
            {
                await _saved.WriteAsync();
            }

            _open.Release();
            _open = null; // its sum is as large as the model, and this grain may outlive a thousand rounds
        }
    }

    public async Task<RoundRecord?> GetRecordAsync(CancellationToken cancellationToken = default)
    {
        await ReadAsync();
        return _saved.State.Closed ?? _open?.Record();
    }

    private void ThrowUnlessSameCatalogue(RoundOrder order)
    {
        if (_saved.State.Order?.Catalogue is { } planned && order.Catalogue is { } asked && planned != asked)
        {
            throw new ArgumentException(
                $"Round {this.GetPrimaryKeyString()} was planned over {planned.Items} items (SHA-256 {planned.Sha256}), and is asked for over {asked.Items} ({asked.Sha256}). Restore the catalogue that the run began with, or start a new run.");
        }
    }

    // Goes on with the stored round, if there is one that is open, and of the run as it was last begun.
    private Task ReadAsync(int since = 0) => _saved.ReadAsync(() =>
    {
        if (_saved.State is { Order: { } order, Closed: null } && order.Since >= since)
        {
            Begin(order, _saved.State.Counted);
        }
    });

    private void Begin(RoundOrder order, PartialSum? counted, int attempt = 1)
    {
        _checkpointAt = time.GetTimestamp();
        var open = _open = new OpenRound(
            order, parts.Aggregator(order.Settings.Aggregator, order.Settings.Trim), cohort => PlanSecureAsync(order, cohort), GrainFactory, aggregators, silos.SiloAddress,
            () => silos.GetApproximateSiloStatuses(onlyActive: true).Keys, time, log);
        open.Begin(this, counted, () => TryAgain(open, order, attempt));
    }

    // With masks nobody can be asked again once it is settled who shares them: all are, in a round of the same number.
    private bool TryAgain(OpenRound failed, RoundOrder order, int attempt)
    {
        if (_open != failed || attempt == MaxAttempts)
        {
            return false;
        }

        (_open, _beginsAgain) = (null, true);
        _ = BeginAgainAsync(failed, order, attempt + 1);
        return true;
    }

    private async Task BeginAgainAsync(OpenRound failed, RoundOrder order, int attempt)
    {
        await failed.GiveUpAsync();
        _beginsAgain = false;
        if (_open is null && _saved.State.Closed is null)
        {
            Begin(order, counted: null, attempt);
        }
    }

    private async Task<SecureRound> PlanSecureAsync(RoundOrder order, ImmutableArray<int> cohort)
    {
        var run = await runs.GetAsync(order.RunKey, CancellationToken.None);
        var model = await parameters.GetAsync(new ModelReference(order.RunKey, order.Round - 1, 0), run, CancellationToken.None);
        var remote = new Dictionary<int, Participant>();
        foreach (var client in run.Hosted is null ? [] : cohort)
        {
            if (await run.Hosted!.RemoteOfAsync(client) is { } party)
            {
                var credential = await GrainFactory.GetGrain<IPartyGrain>(GrainKeys.User(run.Request.Federation, party)).GetCredentialAsync();
                remote[client] = new Participant(client, credential?.PublicKey ?? default); // by no key nothing is signed
            }
        }

        return await Task.Run(() => SecureRounds.Plan(run, order.Round, model, cohort.Select(client => remote.GetValueOrDefault(client) ?? run.ParticipantOf(client))));
    }
}
