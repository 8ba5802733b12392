using FedRec.Contracts.Clients;
using FedRec.Contracts.Recommendations;
using FedRec.Core.Data;
using FedRec.Core.Models;
using FedRec.Grains.Training;

namespace FedRec.Grains.Clients;

/// <summary>One party. Holds a view of its own rows of the silo's data and nothing else, so an idle one costs little.</summary>
internal sealed class ClientGrain(ClientServices services) : Grain, IClientGrain
{
    private int _number;
    private RunContext? _run;
    private ClientData? _data;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _number = GrainKeys.ClientNumber(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public Task<TrainReceipt> TrainAsync(TrainOrder order, CancellationToken cancellationToken = default) =>
        services.Runs.TryGet(order.RunKey, out var run) && services.Parameters.TryGet(BaseOf(order), out var model)
            ? Task.FromResult(Train(order, run, model)) // no await on the path that a simulation takes 25,000 times a second
            : LoadAndTrainAsync(order, cancellationToken);

    public async Task<SiloAddress> EvaluateAsync(EvaluateOrder order, CancellationToken cancellationToken = default)
    {
        var run = await services.Runs.GetAsync(order.Model.RunKey, cancellationToken);
        var model = await services.Parameters.GetAsync(order.Model, run, cancellationToken);
        await services.Evaluations.AddAsync(order, run, model, _number);
        return services.Silo.SiloAddress;
    }

    public async Task<RecommendationAnswer> RecommendAsync(RecommendOrder order, CancellationToken cancellationToken = default)
    {
        var run = await services.Runs.GetAsync(order.Model.RunKey, cancellationToken);
        var model = await services.Parameters.GetAsync(order.Model, run, cancellationToken);
        return await services.Pools.Scoring.RunAsync(_ => ClientScoring.Recommend(run, model, _number, order));
    }

    private static ModelReference BaseOf(TrainOrder order) => new(order.RunKey, order.Round - 1, 0);

    private async Task<TrainReceipt> LoadAndTrainAsync(TrainOrder order, CancellationToken cancellationToken)
    {
        var run = await services.Runs.GetAsync(order.RunKey, cancellationToken);
        var model = await services.Parameters.GetAsync(BaseOf(order), run, cancellationToken);
        return Train(order, run, model);
    }

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
