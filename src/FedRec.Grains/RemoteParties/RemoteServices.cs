using FedRec.Contracts.Clients;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Models;
using FedRec.Grains.Parties;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Storage;

namespace FedRec.Grains.RemoteParties;

/// <summary>What all twins of a silo share.</summary>
internal sealed partial class RemoteServices(
    RunCache runs,
    ParameterCache parameters,
    LocalAggregation aggregation,
    IAnswerSink answers,
    LocalEvaluations evaluations,
    HostedRegistries registries,
    RemoteContent content,
    TimeProvider time,
    [FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage storage,
    ILocalSiloDetails silo,
    IHostApplicationLifetime host,
    ILogger<RemoteServices> log)
{
    public RunCache Runs => runs;

    public ParameterCache Parameters => parameters;

    public LocalAggregation Aggregation => aggregation;

    public IAnswerSink Answers => answers;

    public LocalEvaluations Evaluations => evaluations;

    public HostedRegistries Registries => registries;

    public RemoteContent Content => content;

    public TimeProvider Time => time;

    public IGrainStorage Storage => storage;

    public ILocalSiloDetails Silo => silo;

    /// <summary>Cancelled when the silo begins to stop.</summary>
    public CancellationToken Stopping => host.ApplicationStopping;

    /// <summary>One receipt for all twins of the silo: immutable, hence never copied.</summary>
    public TrainReceipt Receipt { get; } = new(silo.SiloAddress);

    /// <summary>Offers an update to its round.</summary>
    /// <returns>What became of it; null where the round cannot be reached.</returns>
    public async Task<PartyOutcome?> OfferAsync(AskedTraining asked, PartialSum update) =>
        await aggregation.DeliverAsync(asked.Training.Order, asked.Run.Request.Rounds.Regions ?? 0, asked.Training.Client, update) switch
        {
            null => null,
            UpdateReceipt.Accepted or UpdateReceipt.Duplicate => PartyOutcome.Counted,
            UpdateReceipt.Late => PartyOutcome.Late,
            UpdateReceipt.WrongShape or UpdateReceipt.Malformed => PartyOutcome.Rejected,
            _ => PartyOutcome.Stale,
        };

    /// <summary>Tells a round that a client will not train for it.</summary>
    public async Task DropAsync(TrainOrder order, int client)
    {
        try
        {
            var run = await runs.GetAsync(order.RunKey, CancellationToken.None);
            await aggregation.DeliverAsync(order, run.Request.Rounds.Regions ?? 0, client, sum: null);
        }
        catch (ArgumentException exception)
        {
            LogGone(order.RunKey, order.Round, client, exception); // the run is over, and waits for nobody
        }
    }

    [LoggerMessage(LogLevel.Information, "Run {Run}, round {Round}: client {Client}, a party, refused: {Reason}")]
    public partial void LogRefused(string run, int round, int client, string reason);

    [LoggerMessage(LogLevel.Debug, "Run {Run}, round {Round}: what client {Client}, a party, was asked for is over")]
    public partial void LogGone(string run, int round, int client, Exception exception);
}
