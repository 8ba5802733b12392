using System.Collections.Concurrent;
using FedRec.Contracts.Runs;
using FedRec.Core.Aggregation;
using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Parties;
using FedRec.Core.Personalization;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Snapshots;
using FedRec.Core.Updates;
using FedRec.Grains.Parties;
using FedRec.Grains.Privacy;
using FedRec.Grains.Requests;

namespace FedRec.Grains.Training;

/// <summary>What a silo needs to take part in a run: its definition, learner, and scratch memory per training thread. Shared by all its grains.</summary>
internal sealed partial class RunContext(string runKey, RunDefinition definition, ILearner learner, FederationParts parts, SiloSecret secret, ILogger log) : IDisposable
{
    private readonly ConcurrentDictionary<int, (ILearnerWorker Worker, UpdateBuffer Buffer)> _scratch = new();
    private readonly ConcurrentBag<ILearnerWorker> _scorers = [];
    private readonly Lock _using = new();
    private readonly Lazy<(byte[] File, string Sha256)> _catalogue = new(() =>
    {
        var file = VersionCatalogue.Of(definition.Catalogue, definition.Shape, parts.Learner(definition.Request.Learner), definition.Request.LearnerOptions).Write();
        return (file, Safetensors.Sha256(file));
    });

    private (FederationCatalogue Shown, int Corrections) _shown = (definition.Catalogue, definition.Source.Hosted?.Corrections ?? 0);
    private PersonalModels? _personal;
    private int _users;
    private bool _isRetired;
    private int _failures;

    public string RunKey => runKey;

    public RunRequest Request => definition.Request;

    /// <summary>What the run is about.</summary>
    public RunSource Source => definition.Source;

    /// <summary>The items.</summary>
    public FederationCatalogue Catalogue => definition.Catalogue;

    /// <summary>The items as people are shown them, with titles and tags that were corrected since; see <see cref="LookForCorrectionsAsync"/>.</summary>
    public FederationCatalogue Shown => _shown.Shown;

    /// <summary>What interactions carry.</summary>
    public FederationShape Shape => definition.Shape;

    /// <summary>What is said of the data.</summary>
    public DataDescription Data => definition.Data;

    /// <summary>Number of clients.</summary>
    public int Clients => definition.Shape.Clients;

    /// <summary>Number of the clients that take part in the run.</summary>
    public int TakingPart => definition.Source.Hosted?.Chosen?.Length ?? Clients;

    /// <summary>Numbers of the clients that take part in the run.</summary>
    public IEnumerable<int> Numbers => definition.Source.Hosted?.Chosen is { } chosen ? chosen : Enumerable.Range(0, Clients);

    /// <summary>Where the clients' data is.</summary>
    public IPartyData Parties => definition.Parties;

    /// <summary>The data set that clients are simulated from; null where each client keeps its data itself.</summary>
    public SimulatedParties? Simulated { get; } = definition.Parties as SimulatedParties;

    /// <summary>Clients that keep their data themselves; null in a simulation.</summary>
    public HostedParties? Hosted { get; } = definition.Parties as HostedParties;

    public ILearner Learner => learner;

    /// <summary>What the rows of its versions' tensors are of.</summary>
    public ReadOnlyMemory<byte> CatalogueFile => _catalogue.Value.File;

    /// <summary>SHA-256 of <see cref="CatalogueFile"/>.</summary>
    public string CatalogueSha256 => _catalogue.Value.Sha256;

    /// <summary>The run's number in its federation.</summary>
    public int Number { get; } = GrainKeys.RunNumber(runKey);

    /// <summary>The run whose version this one adds to, for learners that add up statistics; null when it begins at nothing.</summary>
    public CountedRun? Counted { get; init; }

    /// <summary>What requests of this silo can name.</summary>
    public FederationParts Parts => parts;

    /// <summary>What the learner recommends under the run's options.</summary>
    public LearnerDefaults Recommended { get; } = parts.Learner(definition.Request.Learner).Recommended(definition.Request.LearnerOptions);

    /// <summary>Whether the learner learns from ratings, so that an interaction without one tells it nothing.</summary>
    public bool UsesRatings => Recommended.UsesRatings;

    /// <summary>Whether clients have to look for what they remember before they train.</summary>
    public bool NeedsMemory => Source.RecordedHistory || KeepsState || (Counted is not null && Hosted is not null);

    /// <summary>What the run computes.</summary>
    public FederatedAlgorithm Algorithm { get; } = AlgorithmOf(runKey, definition, learner, parts, secret);

    /// <summary>Rounds that an update may wait for a later round to collect it: in real time, where nobody waits for it; otherwise 0.</summary>
    public int LongestWait { get; } = definition.Request.Rounds is { VirtualTime: false, Mode: RoundSettings.Asynchronous } rounds ? rounds.MaxStaleness ?? BufferedRules.UsualMaxStaleness : 0;

    /// <summary>Whether clients keep something from round to round.</summary>
    public bool KeepsState => Algorithm.KeepsState;

    /// <summary>Whether what is recommended from the run's data must be recorded first.</summary>
    public bool IsAudited => Source.Simulated?.Scenario is { } scenario && Scenario.Find(scenario, parts.Scenarios).IsAudited;

    /// <summary>Scoring for a user, where clients take the version as it is.</summary>
    public ShortWork Scoring { get; } = new(TimeProvider.System);

    /// <summary>Makes clients' own models.</summary>
    public PersonalModels Personal => _personal ??= new PersonalModels(this);

    /// <summary>A client's long-term key for secure aggregation, where the silo keeps its data: the same on every silo of the cluster and in every run, so that others can pin it.</summary>
    /// <exception cref="ArgumentException">The silo has no secret key.</exception>
    public IIdentity IdentityOf(int client)
    {
        using var stream = secret.Root.Key.Stream(FormattableString.Invariant($"fedrec secure aggregation 1: key of client {client} of {Request.Federation}"));
        return ((SecureMean)Algorithm.Way.Aggregator).Suite.Signatures.Draw(stream);
    }

    /// <summary>A client as others in a round of secure aggregation know it.</summary>
    public Participant ParticipantOf(int client)
    {
        using var identity = IdentityOf(client);
        return new Participant(client, identity.PublicKey);
    }

    /// <summary>Looks whether titles or tags of the items were corrected, before they are shown.</summary>
    public async Task LookForCorrectionsAsync()
    {
        if (Hosted is { } hosted)
        {
            _shown = await hosted.AsNowAsync(_shown.Shown, _shown.Corrections);
        }
    }

    /// <summary>Kernels and scratch memory of one training thread, until the lease ends.</summary>
    public KernelLease Kernels(int slot)
    {
        var lease = Use();
        var (worker, buffer) = _scratch.GetOrAdd(slot, static (_, learner) => (learner.CreateWorker(), new UpdateBuffer()), learner);
        return lease with { Worker = worker, Buffer = buffer };
    }

    /// <summary>Keeps the run's kernels from being released until the lease ends.</summary>
    public KernelLease Use()
    {
        lock (_using)
        {
            _users++;
        }

        return new KernelLease(this);
    }

    /// <summary>The data set of a simulation, for what only a simulation can do.</summary>
    /// <param name="what">What is asked for, for the message.</param>
    /// <exception cref="ArgumentException">Each client keeps its data itself.</exception>
    public SimulatedParties SimulatedFor(string what) => Simulated
        ?? throw new ArgumentException($"{what} needs the data of all clients in one place, and the clients of {GrainKeys.Federation(runKey)} keep theirs themselves.");

    /// <summary>Trains one client of a simulation outside any round, so that kernels are compiled and scratch memory is made.</summary>
    /// <param name="slot">The training thread.</param>
    /// <param name="model">What the next round starts from.</param>
    /// <returns>Its update alone; null when it cannot be added, or when clients keep their data themselves.</returns>
    public IAggregate? WarmUp(int slot, PreparedModel model)
    {
        if (Simulated is not { } simulated)
        {
            return null;
        }

        using var kernels = Kernels(slot);
        kernels.Buffer.Clear();
        var recipe = learner.Recipe(model.Phase);
        var result = kernels.Worker.Train(model, Algorithm.TaskOf(round: 0, client: 0, simulated.Partition.Client(0)), kernels.Buffer);
        var partial = Algorithm.EmptyOpened(recipe);
        return partial.TryAdd(0, new ClientUpdate(kernels.Buffer, 1, result.Loss, result.Examples)) ? partial.Close() : null;
    }

    /// <summary>The learner of a version that has another catalogue.</summary>
    public ILearner LearnerFor(VersionCatalogue catalogue) => Around(parts.Learner(catalogue.Learner).Create(catalogue.Options, catalogue.Shape(Clients)), Request);

    /// <summary>What a run trains: the learner that it names, with clusters or a clip norm that adapts where it asks for them.</summary>
    /// <param name="parts">What the request can name.</param>
    /// <param name="request">The request.</param>
    /// <param name="shape">The federation.</param>
    /// <exception cref="ArgumentException">An option is not allowed, or the learner cannot be trained so.</exception>
    public static ILearner LearnerOf(FederationParts parts, RunRequest request, FederationShape shape) => Around(parts.Learner(request.Learner).Create(request.LearnerOptions, shape), request);

    /// <summary>Scores with a worker that nobody else is using.</summary>
    /// <param name="model">The version that it will be shown, itself or as a client's own.</param>
    /// <param name="compute">The work.</param>
    public T Score<T>(PreparedModel model, Func<ILearnerWorker, T> compute)
    {
        if (model is MatchedVersion matched)
        {
            return matched.Score(compute);
        }

        using var lease = Use();
        var worker = _scorers.TryTake(out var idle) ? idle : learner.CreateWorker();
        var result = compute(worker); // after a failure the worker is not used again
        _scorers.Add(worker);
        return result;
    }

    /// <summary>Releases the run's kernels as soon as nobody is using them. Whoever still holds the run may go on: kernels are made again, and
    /// released again after him.</summary>
    public void Retire()
    {
        lock (_using)
        {
            _isRetired = true;
            ReleaseUnlessUsed();
        }
    }

    /// <summary>Releases the kernels of all threads, which must have ended.</summary>
    public void Dispose() => Retire();

    internal void EndUse()
    {
        lock (_using)
        {
            _users--;
            ReleaseUnlessUsed();
        }
    }

    private static ILearner Around(ILearner learner, RunRequest request) =>
        PrivateRuns.Around(Personalizations.Around(learner, RunRequests.ToOptions(request.Personalization), request.Rounds.Count), request);

    private static FederatedAlgorithm AlgorithmOf(string runKey, RunDefinition definition, ILearner learner, FederationParts parts, SiloSecret secret)
    {
        var (request, rounds, among) = (definition.Request, definition.Request.Rounds, definition.Source.Hosted?.Chosen ?? []);
        var clients = among.IsEmpty ? definition.Shape.Clients : among.Length;
        var cohort = RunRequests.ToOptions(rounds);
        var way = UpdateWay.For(learner, parts, new UpdateSettings(PrivateRuns.LengthOf(request), rounds.Aggregator, rounds.Trim, rounds.Steps), cohort.SizeOf(clients));
        if (rounds.Mode is { } mode)
        {
            BufferedRules.ThrowUnlessUsable(learner, way.Steps, mode);
        }

        if (rounds.Mode == RoundSettings.Gossip)
        {
            GossipFederation.ThrowUnlessFits(learner, clients);
        }

        if (request.Privacy is not null)
        {
            UpdateWay.ThrowUnlessPrivate(learner);
        }

        var weighting = ClientWeighting.Parse(rounds.Weighting, rounds.WeightCap);
        return new FederatedAlgorithm(
            learner,
            new FederatedOptions(way, weighting, round => ServerOptimizers.Create(request.ServerOptimizer, round, rounds.Count), request.Seed) { Cohort = cohort, MaxShare = rounds.MaxShare, Rules = RunRequests.ToRules(rounds), Among = among, Privacy = PrivateRuns.CentralOf(runKey, request, learner, clients, secret), Noise = PrivateRuns.OwnOf(runKey, request, learner, clients, secret) },
            definition.Shape.Clients,
            definition.Sizes.Value);
    }

    [LoggerMessage("Round {Round}: a client's training failed; it is counted as dropped")]
    private static partial void LogTrainingFailed(ILogger logger, LogLevel level, int round, Exception exception);

    /// <summary>Logs the first failure of the run on this silo where it is seen; thousands more would say the same.</summary>
    public void LogTrainingFailed(int round, Exception exception) =>
        LogTrainingFailed(log, Interlocked.Increment(ref _failures) == 1 ? LogLevel.Warning : LogLevel.Debug, round, exception);

    private void ReleaseUnlessUsed()
    {
        if (!_isRetired || _users > 0)
        {
            return;
        }

        foreach (var worker in _scratch.Values.Select(scratch => scratch.Worker).Concat(_scorers))
        {
            worker.Dispose();
        }

        _scratch.Clear();
        _scorers.Clear();
        _personal?.Dispose();
    }
}

/// <summary>The use of a run's kernels, which are not released before it ends.</summary>
internal readonly record struct KernelLease(RunContext Run) : IDisposable
{
    /// <summary>The kernels of a training thread; null where only the run is kept.</summary>
    public ILearnerWorker Worker { get; init; } = null!;

    /// <summary>Its update memory.</summary>
    public UpdateBuffer Buffer { get; init; } = null!;

    public void Dispose() => Run.EndUse();
}
