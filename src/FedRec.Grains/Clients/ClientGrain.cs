using FedRec.Contracts.Clients;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Data.Reports;
using FedRec.Core.Federation;
using FedRec.Core.Models;
using FedRec.Core.Training;
using FedRec.Grains.Federations;
using FedRec.Grains.Training;

namespace FedRec.Grains.Clients;

/// <summary>One party. Holds a view of its own rows of the silo's data, and what it remembers once that is needed, so an idle one costs little.</summary>
internal sealed class ClientGrain(ClientServices services) : Grain, IClientGrain
{
    private int _number;
    private RunContext? _run;
    private ClientData? _data;
    private TrainOrder? _keeping; // the last order whose training is kept: an older one must not overwrite it
    private int _lastAsked; // number of the last run that trained with what this client remembers
    private readonly PersonalModel _personal = new();
    private ClientMemory? _memory; // made when it is first needed

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _number = GrainKeys.ClientNumber(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public Task<TrainReceipt> TrainAsync(TrainOrder order, CancellationToken cancellationToken = default) =>
        services.Runs.TryGet(order.RunKey, out var run) && !run.NeedsMemory && services.Parameters.TryGet(BaseOf(order), out var model)
            ? Task.FromResult(Train(order, run, model)) // no await on the path that a simulation takes 25,000 times a second
            : LoadAndTrainAsync(order, cancellationToken);

    public async Task<SiloAddress> EvaluateAsync(EvaluateOrder order, CancellationToken cancellationToken = default)
    {
        var run = await services.Runs.GetAsync(order.Model.RunKey, cancellationToken);
        var model = await services.Parameters.GetAsync(order.Model, run, cancellationToken);
        var mayHaveTrainedOnChanges = run.Request.RecordedHistory
            || (order.Against is { } rival && (await services.Runs.GetAsync(rival.RunKey, cancellationToken)).Request.RecordedHistory);
        if (mayHaveTrainedOnChanges)
        {
            await Memory.ReadAsync();
        }

        // Whoever recorded something may have recorded, and trained on, what is held out here.
        await services.Evaluations.AddAsync(order, run, model, _number, isRanked: !(mayHaveTrainedOnChanges && Memory.HasChanges));
        return services.Silo.SiloAddress;
    }

    public async Task<RecommendationAnswer> RecommendAsync(RecommendOrder order, CancellationToken cancellationToken = default)
    {
        if (order.InUse)
        {
            services.Runs.Serve(order.Model.RunKey);
            services.Parameters.Serve(order.Model);
        }

        var run = await services.Runs.GetAsync(order.Model.RunKey, cancellationToken);
        var model = await services.Parameters.GetAsync(order.Model, run, cancellationToken);
        if (order.HasRecorded || _memory is not null)
        {
            await Memory.ReadAsync();
        }

        var data = _memory?.Now(run, _number) ?? run.Partition.Client(_number);
        var changes = _memory?.Changes ?? 0;
        return await services.Pools.Scoring.RunAsync(_ =>
            ClientScoring.Recommend(run, _personal.Of(run, order.Model, model, _number, data, changes), data, order));
    }

    public async Task<DataSummary?> DescribeDataAsync(string runKey, long? newestDay, CancellationToken cancellationToken = default)
    {
        var run = await services.Runs.GetAsync(runKey, cancellationToken);
        return await services.Pools.Scoring.RunAsync(_ =>
            PartySummary.Of(run.Dataset, run.Partition.UsersOf(_number), newestDay) is { } summary ? DataMessages.ToMessage(summary) : null);
    }

    public async Task RecordAsync(HistoryChange change, int lastRun, CancellationToken cancellationToken = default)
    {
        await Memory.ReadAsync();
        await Memory.RecordAsync(change, Math.Max(lastRun, _lastAsked)); // a run may have begun and asked since that number was read
    }

    private ClientMemory Memory => _memory ??= new ClientMemory(new LazyState<ClientState>("client", this, services.Storage));

    private static ModelReference BaseOf(TrainOrder order) => new(order.RunKey, order.Round - 1, 0);

    private async Task<TrainReceipt> LoadAndTrainAsync(TrainOrder order, CancellationToken cancellationToken)
    {
        var run = await services.Runs.GetAsync(order.RunKey, cancellationToken);
        var model = await services.Parameters.GetAsync(BaseOf(order), run, cancellationToken);
        if (!run.NeedsMemory)
        {
            return Train(order, run, model);
        }

        await TrainRememberingAsync(order, run, model);
        return services.Receipt;
    }

    private async Task TrainRememberingAsync(TrainOrder order, RunContext run, PreparedModel model)
    {
        await Memory.ReadAsync();
        _lastAsked = run.Number;
        var data = Memory.AsOf(run, _number, run.Number);
        if (!run.Learner.KeepsClientState)
        {
            var counted = run.CountedRun > 0 && Memory.HasChanges ? Memory.AsOf(run, _number, run.CountedRun) : null;
            services.Aggregation.Enqueue(order, run, model, _number, data, counted);
            return;
        }

        var kept = Memory.Kept(order.RunKey);
        var before = kept.For(order.Round, await HasCountedAsync(order, kept));
        var task = new LocalTask(data, SeedSequence.For(run.Request.Seed, order.Round, _number), before);
        _keeping = order;
        _ = services.Aggregation.TrainKeepingAsync( // goes on beside later calls, on this grain's scheduler; it handles its failures
            order, run, model, _number, task, after => KeepAsync(order, new KeptStates(order.Round, before, after)));
    }

    private Task<bool> HasCountedAsync(TrainOrder order, KeptStates kept) =>
        GrainFactory.GetGrain<IRunGrain>(order.RunKey).HasCountedAsync(_number, order.Round, kept.Undecided(order.Round));

    private Task KeepAsync(TrainOrder order, KeptStates kept) => order == _keeping
        ? Memory.KeepAsync(order.RunKey, kept)
        : throw new InvalidOperationException($"The client was asked for round {_keeping?.Round} while it trained for round {order.Round}.");

    private TrainReceipt Train(TrainOrder order, RunContext run, PreparedModel model)
    {
        if (!ReferenceEquals(_run, run))
        {
            (_run, _data) = (run, run.Partition.Client(_number));
        }

        services.Aggregation.Enqueue(order, run, model, _number, _data!);
        return services.Receipt;
    }
}
