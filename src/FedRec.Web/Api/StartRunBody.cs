using System.Collections.Immutable;
using System.Text.Json.Serialization;
using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Runs;

namespace FedRec.Web.Api;

/// <summary>A run to start; what is left out takes its default, so that <c>{}</c> trains on what the federation simulates.</summary>
public sealed record StartRunBody
{
    /// <summary>What a body hears that names data, as bodies of before could.</summary>
    internal const string NamesData =
        "'data' says what is simulated, which belongs to the federation and not to a run: send it to PUT ~/api/v1/federations/{federation}/simulation, then start the run without it.";

    /// <summary>Letters, digits, dot, dash, underscore. Default: the most recently active federation, or <c>default</c>.</summary>
    public string? Federation { get; init; }

    /// <summary>Name of the learner. Default: mf.</summary>
    public string Learner { get; init; } = "mf";

    /// <summary>Options of the learner by name.</summary>
    public IReadOnlyDictionary<string, string> LearnerOptions { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>How rounds are run.</summary>
    public RoundSettings Rounds { get; init; } = new();

    /// <summary>How the server steps.</summary>
    public ServerOptimizerSettings ServerOptimizer { get; init; } = new();

    /// <summary>Seed of every draw. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Rounds between two evaluations; 0 for only at the end. Default: 0.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Evaluations without improvement after which the run stops; 0 for never. Default: 0.</summary>
    public int Patience { get; init; }

    /// <summary>Whether each user's validation interaction is held out; patience, and a target other than the loss, hold it out anyway. Default: false.</summary>
    public bool HoldOutValidation { get; init; }

    /// <summary><c>loss</c> or a validation metric such as <c>ndcg@10</c> at which the run stops. Default: none.</summary>
    public string? TargetMetric { get; init; }

    /// <summary>The value it must reach.</summary>
    public double TargetValue { get; init; }

    /// <summary>Version whose parameters the run begins with; 0 for the learner's own. Default: 0.</summary>
    public long WarmStart { get; init; }

    /// <summary>Another federation whose version that is, the one in use for 0; its items and features are found in this catalogue. Default: none.</summary>
    public WarmStartSource? WarmStartFrom { get; init; }

    /// <summary>Whether the version that the run publishes at its end is put in use: <c>if-better</c>, <c>always</c> or <c>never</c>. Default: if-better.</summary>
    public PromotionPolicy Promote { get; init; }

    /// <summary>How clients make the model their own when they score. Default: they take it as it is.</summary>
    public PersonalizationSettings? Personalization { get; init; }

    /// <summary>Labels that a party with a process of its own must all have to take part, such as <c>region=eu</c>, separated by commas; nobody else takes part then. Default: all clients.</summary>
    public string? PartyLabels { get; init; }

    /// <summary>Differential privacy of the models for each client; needs a clip norm. Default: none.</summary>
    public PrivacySettings? Privacy { get; init; }

    /// <summary>What a client sends to have this run started.</summary>
    internal static StartRunBody Of(RunRequest request) => new()
    {
        Federation = request.Federation,
        Learner = request.Learner,
        LearnerOptions = request.LearnerOptions,
        Rounds = request.Rounds,
        ServerOptimizer = request.ServerOptimizer,
        Seed = request.Seed,
        EvaluateEvery = request.EvaluateEvery,
        Patience = request.Patience,
        HoldOutValidation = request.HoldOutValidation,
        TargetMetric = request.TargetMetric,
        TargetValue = request.TargetValue,
        WarmStart = request.WarmStart,
        WarmStartFrom = request.WarmStartFrom,
        Promote = request.Promote,
        Personalization = request.Personalization,
        PartyLabels = request.PartyLabels,
        Privacy = request.Privacy,
    };

    internal RunRequest ToRequest(string federation) => new()
    {
        Federation = federation,
        Learner = Learner,
        LearnerOptions = LearnerOptions.ToImmutableSortedDictionary(),
        Rounds = Rounds,
        ServerOptimizer = ServerOptimizer,
        Seed = Seed,
        EvaluateEvery = EvaluateEvery,
        Patience = Patience,
        HoldOutValidation = HoldOutValidation,
        TargetMetric = TargetMetric,
        TargetValue = TargetValue,
        WarmStart = WarmStart,
        WarmStartFrom = WarmStartFrom,
        Promote = Promote,
        Personalization = Personalization is { Method: "none" } ? null : Personalization,
        PartyLabels = PartyLabels,
        Privacy = Privacy,
    };
}

/// <summary>Answer to a started run.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Run">The run that is now active.</param>
/// <param name="Outcome">Started, or Resumed when the same request was already active.</param>
/// <param name="Message">What happened, for people.</param>
public sealed record RunStartedView(string Federation, string Run, RunOutcome Outcome, string Message)
{
    /// <summary>Parties with a process of their own, and which of them the run may use; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<RunPartyView>? Parties { get; init; }
}

/// <summary>What a request to start a run may ask of this server, before any grain hears of it.</summary>
internal static class StartRunChecks
{
    private const int MostOptions = 100;

    /// <summary>The request.</summary>
    /// <exception cref="ProblemException">A name or size is not acceptable, or the body names data.</exception>
    public static RunRequest Checked(StartRunBody body, string federation)
    {
        Check.Name(federation, "federation");
        if (body.WarmStartFrom is { } from)
        {
            Check.Name(from.Federation, "warmStartFrom.federation");
        }

        Check.Range(body.LearnerOptions.Count, 0, MostOptions, "learnerOptions.length");
        return body.ToRequest(federation);
    }
}
