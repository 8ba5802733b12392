using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Data.Reports;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Parties;
using FedRec.Grains.RemoteParties;
using FedRec.Grains.Training;
using Orleans.Placement;
using ClientState = FedRec.Grains.Parties.ClientState;

namespace FedRec.Grains.Clients;

/// <summary>One party. Holds a view of its own rows of the silo's data, and what it remembers once that is needed, so an idle one costs little.</summary>
[Immovable]
internal sealed class ClientGrain(ClientServices services) : Grain, IClientGrain
{
    private int _number;
    private RunContext? _run;
    private PartyHoldings _holdings; // for that run; of a client that keeps its data itself they are read once for it
    private ClientData? _data;
    private TrainOrder? _keeping; // the last order whose training is kept: an older one must not overwrite it
    private (RunContext Run, ClientHistories Histories)? _histories; // of its users, for the run that trains
    private ClientMemory? _memory; // made when it is first needed

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        _number = GrainKeys.ClientNumber(key);
        return services.Placed.StaysAsync(this, GrainKeys.Federation(key), GrainKeys.UserOf(key));
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        services.Placed.Leave(this);
        return Task.CompletedTask;
    }

    public Task<TrainReceipt> TrainAsync(TrainOrder order, CancellationToken cancellationToken = default) =>
        services.Runs.TryGet(order.RunKey, out var run) && !run.NeedsMemory && IsOpen(run) && services.Parameters.TryGet(BaseOf(order), out var model)
            ? Task.FromResult(Train(order, run, model)) // no await on the path that a simulation takes 25,000 times a second
            : LoadAndTrainAsync(order, cancellationToken);

    public async Task<SiloAddress> EvaluateAsync(EvaluateOrder order, CancellationToken cancellationToken = default)
    {
        var run = await services.Runs.GetAsync(order.Model.RunKey, cancellationToken);
        if (await TwinAsync(run) is { } twin)
        {
            return await twin.EvaluateAsync(order, _number);
        }

        var model = await services.Parameters.GetToScoreAsync(order.Model, run, cancellationToken);
        var mayHaveTrainedOnChanges = run.Source.RecordedHistory
            || (order.Against is { } rival && (await services.Runs.GetAsync(rival.RunKey, cancellationToken)).Source.RecordedHistory);

        // Whoever recorded something may have recorded, and trained on, what is held out here.
        var isRanked = !(mayHaveTrainedOnChanges && (await services.Histories.ReadAsync(run, _number, trains: false)).HasChanges);
        await services.Evaluations.AddAsync(order, run, model, _number, await HoldingsAsync(run), isRanked);
        return services.Silo.SiloAddress;
    }

    public async Task<bool> EraseKeptAsync(int lastRun, CancellationToken cancellationToken = default)
    {
        await Memory.ReadAsync();
        return await Memory.EraseAsync(lastRun);
    }

    public async Task<DataSummary?> DescribeDataAsync(string runKey, long? newestDay, CancellationToken cancellationToken = default)
    {
        var run = await services.Runs.GetAsync(runKey, cancellationToken);
        var holdings = await HoldingsAsync(run);
        return await services.Pools.Scoring.RunAsync(_ =>
            PartySummary.Of(holdings.Data, holdings.Users, newestDay) is { } summary ? DataMessages.ToMessage(summary) : null);
    }

    private ClientMemory Memory => _memory ??= new ClientMemory(new LazyState<ClientState>(ClientState.Name, this, services.Storage));

    // Of a client whose data is with a process of its own; null for all others.
    private async ValueTask<IPartyTwin?> TwinAsync(RunContext run) =>
        run.Hosted is { } hosted && await hosted.RemoteOfAsync(_number) is { } remote ? GrainFactory.GetGrain<IPartyTwin>(GrainKeys.User(run.Request.Federation, remote)) : null;

    private static ModelReference BaseOf(TrainOrder order) => new(order.RunKey, order.Round - 1, 0);

    private async Task<TrainReceipt> LoadAndTrainAsync(TrainOrder order, CancellationToken cancellationToken)
    {
        var run = await services.Runs.GetAsync(order.RunKey, cancellationToken);
        if (await TwinAsync(run) is { } twin)
        {
            return await twin.TrainAsync(order, _number);
        }

        var model = await services.Parameters.GetAsync(BaseOf(order), run, cancellationToken);
        _ = await OpenAsync(run);
        if (!run.NeedsMemory)
        {
            return Train(order, run, model);
        }

        await TrainRememberingAsync(order, run, model);
        return services.Receipt;
    }

    private async Task TrainRememberingAsync(TrainOrder order, RunContext run, PreparedModel model)
    {
        var histories = run.Source.RecordedHistory ? await HistoriesAsync(run) : null;
        var data = histories?.AsOf(run.Number) ?? await OpenAsync(run);
        if (!run.KeepsState)
        {
            var counted = run.Counted is not { } earlier ? null
                : run.Hosted is { } hosted ? await hosted.OpenCountedAsync(_number, earlier, CancellationToken.None)
                : histories is { HasChanges: true } ? histories.AsOf(earlier.Number) : null;
            services.Aggregation.Enqueue(order, run, model, _number, data, counted);
            return;
        }

        await Memory.ReadAsync();
        var kept = Memory.Kept(order);
        var before = kept.For(order.Round, await HasCountedAsync(order, kept));
        _keeping = order;
        _ = services.Aggregation.TrainKeepingAsync( // goes on beside later calls, on this grain's scheduler; it handles its failures
            order, run, model, _number, data, before, after => KeepAsync(order, new KeptStates(order.Round, before, after)));
    }

    private Task<bool> HasCountedAsync(TrainOrder order, KeptStates kept) =>
        GrainFactory.GetGrain<IRunGrain>(order.RunKey).HasCountedAsync(_number, order.Round, kept.Undecided(order.Round));

    private Task KeepAsync(TrainOrder order, KeptStates kept) => order == _keeping
        ? Memory.KeepAsync(order, kept)
        : throw new InvalidOperationException($"The client was asked for round {_keeping?.Round} while it trained for round {order.Round}.");

    private async Task<ClientHistories> HistoriesAsync(RunContext run)
    {
        if (_histories is not { } known || !ReferenceEquals(known.Run, run))
        {
            _histories = known = (run, await services.Histories.ReadAsync(run, _number, trains: true));
        }

        return known.Histories;
    }

    // A simulated client's data is at hand; another one's is read when a run first asks.
    private bool IsOpen(RunContext run)
    {
        if (!ReferenceEquals(_run, run) && run.Simulated is { } simulated)
        {
            Take(run, simulated.Holdings(_number));
        }

        return ReferenceEquals(_run, run);
    }

    private async ValueTask<PartyHoldings> HoldingsAsync(RunContext run)
    {
        if (!IsOpen(run))
        {
            if (run.Hosted is { } hosted && await hosted.OrganisationOfAsync(_number) is { } organisation && !await services.Placed.TryEnterAsync(this, run.Request.Federation, organisation))
            {
                throw new SiloLabelException($"Client {_number} of federation {run.Request.Federation} keeps its data on silos with a label that silo {services.Silo.SiloAddress} has not. Ask again.", label: null);
            }

            Take(run, await run.Parties.OpenAsync(_number, CancellationToken.None));
        }

        return _holdings;
    }

    private async ValueTask<ClientData> OpenAsync(RunContext run)
    {
        await HoldingsAsync(run);
        return _data!;
    }

    private void Take(RunContext run, PartyHoldings holdings) => (_run, _holdings, _data) = (run, holdings, holdings.Train());

    private TrainReceipt Train(TrainOrder order, RunContext run, PreparedModel model)
    {
        services.Aggregation.Enqueue(order, run, model, _number, _data!);
        return services.Receipt;
    }
}
