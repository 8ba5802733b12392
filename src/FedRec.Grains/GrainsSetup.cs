using FedRec.Core.Federation;
using FedRec.Grains.Clients;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Federations;
using FedRec.Grains.Histories;
using FedRec.Grains.Models;
using FedRec.Grains.Parties;
using FedRec.Grains.Privacy;
using FedRec.Grains.Recommendations;
using FedRec.Grains.RemoteParties;
using FedRec.Grains.Rounds;
using FedRec.Grains.Runs;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace FedRec.Grains;

/// <summary>Brings FedRec's grains to a silo.</summary>
public static class GrainsSetup
{
    /// <summary>Name of the grain storage provider that the grains write to; the host registers it.</summary>
    public const string StorageName = "fedrec";

    private static readonly TimeSpan s_usual = TimeSpan.FromSeconds(30); // a call that takes no longer is nothing to warn about

    /// <summary>Adds what the grains need, except what the host chooses: grain storage <see cref="StorageName"/>, an
    /// <see cref="Core.Snapshots.IModelStore"/>, an <see cref="Core.Snapshots.ICheckpointStore"/>, an <see cref="IAuditTrail"/> where data is audited, a <see cref="SiloSecret"/> for private runs,
    /// clustering and a reminder service.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="resumeUnfinished">Whether the silo by itself goes on with runs that a crash left unfinished; false for one that only answers a question,
    /// where a run goes on when the same request is started again.</param>
    /// <param name="parts">What run requests can name; FedRec's own learners, aggregators and update steps, and no scenario, by default.</param>
    /// <param name="labels">What the silo is labelled with; parties may be bound to silos with a label.</param>
    public static ISiloBuilder AddFedRecGrains(this ISiloBuilder silo, bool resumeUnfinished = true, FederationParts? parts = null, IReadOnlyDictionary<string, string>? labels = null)
    {
        silo.AddGrainService<LocalAggregator>();
        AddPlacement(silo, labels ?? new Dictionary<string, string>());
        if (resumeUnfinished)
        {
            silo.Services.AddSingleton<UnfinishedRuns>();
            silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<UnfinishedRuns>());
        }

        silo.Configure<SiloMessagingOptions>(options => options.RequestProcessingWarningTime = s_usual); // polls of parties wait for 10 s, and a silo would write about each of them every second
        parts ??= FederationParts.BuiltIn();
        silo.Services.AddSingleton(parts);
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.TryAddSingleton<IAuditTrail, NoAuditTrail>();
        silo.Services.TryAddSingleton(SiloSecret.None);
        silo.Services.AddSingleton<RecommendationAudit>();
        silo.Services.AddOptions<TrainingOptions>();
        silo.Services.AddOptions<ModelOptions>();
        silo.Services.AddSingleton<LocalAggregators>();
        silo.Services.AddSingleton<WorkerPools>();
        silo.Services.AddSingleton<IUpdateSink, RoundSink>();
        silo.Services.AddSingleton<IAnswerSink, RoundSink>();
        silo.Services.AddSingleton<LocalAggregation>();
        silo.Services.AddSingleton<LocalSecureSteps>();
        silo.Services.AddSingleton<LocalEvaluations>();
        silo.Services.AddSingleton<Rivals>();
        silo.Services.AddSingleton<EvaluatedBaselines>();
        silo.Services.AddSingleton(services => new SumBlocks(services.GetRequiredService<IOptions<TrainingOptions>>().Value.SumBlockBytes));
        silo.Services.AddSingleton(new RunResumption(resumeUnfinished));
        silo.Services.AddSingleton<SiloPreparation>();
        silo.Services.AddSingleton<DatasetReader>(parts.Open);
        silo.Services.AddSingleton<DatasetCache>();
        silo.Services.AddSingleton<HostedRegistries>();
        silo.Services.AddSingleton<CatalogueSegments>();
        silo.Services.AddSingleton<HostedCatalogues>();
        silo.Services.AddSingleton<HostedServices>();
        silo.Services.AddSingleton<Organisations>();
        silo.Services.AddSingleton<HostedIntake>();
        silo.Services.AddSingleton<UserForgetting>();
        silo.Services.AddSingleton<VersionsWithout>();
        silo.Services.AddSingleton<HostedRuns>();
        silo.Services.AddSingleton<RunCache>();
        silo.Services.AddSingleton<VersionReader>();
        silo.Services.AddSingleton<ParameterDownloads>();
        silo.Services.AddSingleton<ParameterCache>();
        silo.Services.AddSingleton<UserKeys>();
        silo.Services.AddSingleton(typeof(GrainsOf<>));
        silo.Services.AddSingleton<UserStates>();
        silo.Services.AddSingleton<OrganisationLog>();
        silo.Services.TryAddSingleton(_ => new OpenHistories());
        silo.Services.AddSingleton<NumberedHistories>();
        silo.Services.AddSingleton<HistoryReader>();
        silo.Services.AddSingleton<ClientServices>();
        silo.Services.AddSingleton<RemoteContent>();
        silo.Services.AddSingleton<RemoteServices>();
        silo.Services.AddSingleton<ModelPublisher>();
        silo.Services.AddSingleton<StoredModels>();
        silo.Services.AddSingleton<FederatedEvaluator>();
        silo.Services.AddSingleton<CountedItems>();
        silo.Services.AddSingleton<RunServices>();
        return silo;
    }

    private static void AddPlacement(ISiloBuilder silo, IReadOnlyDictionary<string, string> labels)
    {
        silo.UseSiloMetadata(new Dictionary<string, string>(labels));
        silo.AddGrainService<LocalParties>();
        silo.Services.AddPlacementDirector<PartyPlacement, PartyPlacementDirector>();
        silo.Services.AddSingleton<PartyPlacement>();
        silo.Services.AddSingleton<IPlacementStrategyResolver, PartyPlacementResolver>();
        silo.Services.AddSingleton<SiloLabels>();
        silo.Services.AddSingleton<SiloParties>();
        silo.Services.AddSingleton<PartyLabels>();
        silo.Services.AddSingleton<PlacedParties>();
    }
}
