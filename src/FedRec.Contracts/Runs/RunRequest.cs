using System.Collections.Immutable;
using System.Text.Json.Serialization;
using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;

namespace FedRec.Contracts.Runs;

/// <summary>How a run trains. On what is not said here: its federation knows, and pins it when the run starts (<see cref="RunSource"/>). Equal requests on equal
/// sources give the same model bytes.</summary>
/// <remarks>A request that selects parties, or asks for privacy, names its learner in other words where it is stored or sent: releases that do not know of it pass over it, and would ask all parties, or add no noise.
/// So they refuse the request, and whatever is of its run, as they refuse a learner that they do not have, in words that say what to do.</remarks>
[GenerateSerializer, Immutable, Alias("fedrec.run-request")]
public sealed record RunRequest
{
    /// <summary>What follows the learner's name where parties are selected.</summary>
    internal const string OfSelectedParties = " of parties selected by labels (a silo of an earlier release does not know these: update it, or end it)";

    /// <summary>What follows the learner's name where privacy is asked for.</summary>
    internal const string WithPrivacy = " with differential privacy (a silo of an earlier release does not know it: update it, or end it)";

    /// <summary>What follows the learner's name where privacy is asked for by noise of the clients.</summary>
    internal const string WithClientNoise = " with differential privacy by noise of the clients (a silo or party of an earlier release does not know it: update it, or end it)";

    [Id(2)] private readonly string _learner = null!; // required
    [Id(18)] private readonly string? _partyLabels;
    [Id(19)] private readonly PrivacySettings? _privacy;

    /// <summary>Name of the federation; letters, digits, dot, dash, underscore.</summary>
    [Id(0)] public required string Federation { get; init; }

    /// <summary>Name of the learner, such as <c>mf</c>.</summary>
    public required string Learner
    {
        get => Without(Without(_learner, WordsOf(_privacy), _privacy is not null), OfSelectedParties, _partyLabels is not null);
        init => _learner = Named(value, _partyLabels, _privacy);
    }

    /// <summary>Options of the learner by name; an unknown name is refused.</summary>
    [Id(3)] public ImmutableSortedDictionary<string, string> LearnerOptions { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How rounds are run.</summary>
    [Id(4)] public RoundSettings Rounds { get; init; } = new();

    /// <summary>How the server steps.</summary>
    [Id(5)] public ServerOptimizerSettings ServerOptimizer { get; init; } = new();

    /// <summary>Seed of every draw of the run. Default: 1.</summary>
    [Id(6)] public ulong Seed { get; init; } = 1;

    /// <summary>How often the model is evaluated, in rounds; 0 for only at the end. Default: 0.</summary>
    [Id(7)] public int EvaluateEvery { get; init; }

    /// <summary>Evaluations without a better validation NDCG@10 after which the run stops; 0 to never stop early.
    /// Default: 0.</summary>
    [Id(8)] public int Patience { get; init; }

    /// <summary>Version of the federation whose parameters the run begins with, made by the same learner with the same shapes;
    /// 0 begins at the learner's own. Default: 0.</summary>
    [Id(9)] public long WarmStart { get; init; }

    /// <summary>What must be reached for the run to stop: <c>loss</c>, the training loss of a round, or a validation metric such as
    /// <c>ndcg@10</c>; null for no target. Default: null.</summary>
    [Id(10)] public string? TargetMetric { get; init; }

    /// <summary>The value that <see cref="TargetMetric"/> must reach: at most this for <c>loss</c>, at least this for a metric.</summary>
    [Id(11)] public double TargetValue { get; init; }

    /// <summary>How clients make the versions of the run their own when they score; null when they take them as they are. Training and
    /// the version's bytes are the same with and without it; except with <c>clusters</c>, where models of clusters are trained beside the shared one
    /// and follow it in the version, whose shared parameters are still the same. Default: null.</summary>
    [Id(13)] public PersonalizationSettings? Personalization { get; init; }

    /// <summary>The federation whose version <see cref="WarmStart"/> is (0 for the one in use there), made by the same learner for another
    /// catalogue: item rows are found by item, columns of features by name, and what is not found begins as the learner begins; null for
    /// the run's own federation. Default: null.</summary>
    [Id(14)] public WarmStartSource? WarmStartFrom { get; init; }

    /// <summary>Whether the version that the run publishes at its end is put in use. Default: if-better.</summary>
    [Id(15)] public PromotionPolicy Promote { get; init; }

    /// <summary>Whether each user's validation interaction is held out; patience, and a target other than the loss, hold it out anyway. Default: false.</summary>
    [Id(17)] public bool HoldOutValidation { get; init; }

    /// <summary>Labels that a party with a process of its own must all have to take part, such as <c>region=eu</c>, separated by commas; nobody else takes part then. Null for all clients. Default: null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PartyLabels
    {
        get => _partyLabels;
        init => (_learner, _partyLabels) = (Named(Learner, value, _privacy), value);
    }

    /// <summary>Differential privacy of the models that the run makes; null for none. Default: null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PrivacySettings? Privacy
    {
        get => _privacy;
        init => (_learner, _privacy) = (Named(Learner, _partyLabels, value), value);
    }

    // What earlier releases wrote into the request of a run that started; a run's status has it since.
    [Id(1)] internal DataSpec? LegacyData { get; init; }
    [Id(12)] internal bool LegacyRecordedHistory { get; init; }
    [Id(16)] internal HostedData? LegacyHosted { get; init; }

    internal RunSource LegacySource => new()
    {
        Simulated = LegacyHosted is null ? (LegacyData ?? DataSpec.BuiltIn) with { LegacyHoldOutValidation = false } : null,
        Hosted = LegacyHosted,
        HoldOutValidation = LegacyData is { LegacyHoldOutValidation: true },
        RecordedHistory = LegacyRecordedHistory,
    };

    private static string Named(string? learner, string? partyLabels, PrivacySettings? privacy) =>
        learner is null ? null! : learner + (partyLabels is null ? "" : OfSelectedParties) + WordsOf(privacy); // null before it is set

    private static string WordsOf(PrivacySettings? privacy) => privacy is null ? "" : privacy.Noise is null ? WithPrivacy : WithClientNoise;

    private static string Without(string learner, string words, bool hasThem) => hasThem && learner is not null && learner.EndsWith(words, StringComparison.Ordinal) ? learner[..^words.Length] : learner!;
}

/// <summary>Another federation that a run begins at, such as one that was trained on public data.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.warm-start-source")]
public sealed record WarmStartSource
{
    /// <summary>Its name.</summary>
    [Id(0)] public required string Federation { get; init; }

    /// <summary>By what items of both catalogues are taken for the same: <c>id</c> or <c>title</c>. Default: id.</summary>
    [Id(1)] public string Match { get; init; } = "id";
}
