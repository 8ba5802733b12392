using System.Security.Cryptography;
using System.Text.Json;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Data.Cleaning;
using FedRec.Core.Data.Readers;
using FedRec.Core.Federation;
using FedRec.Core.Personalization;

namespace FedRec.Grains.Requests;

/// <summary>A run: how it trains, and on what.</summary>
public readonly record struct BoundRun(RunRequest Request, RunSource Source);

/// <summary>Completes and compares run requests, and converts their parts for Core.</summary>
internal static class RunRequests
{
    /// <summary>SHA-256 of what defines a run: equal requests about the same have equal hashes.</summary>
    public static string Hash(RunRequest request, RunSource source) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { request, source })));

    /// <summary>The answer to a wrong request: for people, without the name of the parameter that .NET adds.</summary>
    public static RunReceipt Refusal(ArgumentException exception) => new(
        RunOutcome.Invalid, "",
        exception.ParamName is { } name ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : exception.Message,
        exception is DataNotUsableException data ? data.Place ?? "" : null);

    /// <summary>Whether a request asks for the run that another request has started, both with the defaults of this program filled in. A version that the request leaves open
    /// is the one that was in use when the run was started; clients that keep their data themselves are those that there were then.</summary>
    public static bool IsSame(BoundRun started, BoundRun asked, FederationParts parts)
    {
        var (request, like) = (asked.Request, asked.Source with { Hosted = started.Source.Hosted, RecordedHistory = started.Source.RecordedHistory });
        return Hash(WithDefaults(started.Request, parts) with { HoldOutValidation = false }, started.Source) == Hash(WithDefaults(request, parts) with
        {
            HoldOutValidation = false, // the source says it, of runs of earlier releases too
            WarmStart = request.WarmStartFrom is not null && request.WarmStart == 0 ? started.Request.WarmStart : request.WarmStart,
        }, like);
    }

    /// <summary>What a run is about, as far as its request and its federation say.</summary>
    /// <param name="request">The request.</param>
    /// <param name="simulated">What the federation simulates; null where clients keep their data themselves.</param>
    public static RunSource SourceOf(RunRequest request, DataSpec? simulated) => new()
    {
        Simulated = simulated,
        HoldOutValidation = RequestChecks.HoldsOut(request),
    };

    /// <summary>Fills in what the learner recommends where the request leaves a choice.</summary>
    /// <exception cref="ArgumentException">There is no such learner.</exception>
    public static RunRequest WithDefaults(RunRequest request, FederationParts parts)
    {
        var recommended = parts.Learner(request.Learner).Recommended(request.LearnerOptions);
        var addsUp = recommended.TakesChanges && request.WarmStart > 0;
        return request with
        {
            ServerOptimizer = ServerOptimizers.WithDefaults(request.ServerOptimizer, recommended.ServerOptimizer),
            Rounds = request.Rounds with
            {
                Weighting = request.Rounds.Weighting != "default" ? request.Rounds.Weighting
                    : request.Privacy is not null || parts.Aggregator(request.Rounds.Aggregator, request.Rounds.Trim).TakesDirectionsOnly ? "uniform" : recommended.Weighting,
                ClipNorm = request.Privacy is not null && request.Rounds.ClipNorm == 0 ? recommended.ClipNorm : request.Rounds.ClipNorm,
                Count = request.Rounds.Count != 0 ? request.Rounds.Count : addsUp ? 1 : recommended.Rounds,
                Deadline = request.Rounds.Deadline != TimeSpan.Zero ? request.Rounds.Deadline : recommended.Deadline,
                ErrorBudget = request.Privacy is not null ? request.Rounds.ErrorBudget ?? 0 : request.Rounds.ErrorBudget,
                Quorum = addsUp ? 1 : request.Rounds.Quorum, // a change that is missing would be missing for good
            },
        };
    }

    /// <summary>How the data of a simulation is read and split.</summary>
    public static DatasetOptions ToDatasetOptions(DataSpec data, bool holdOutValidation) => new()
    {
        Path = data.Path,
        Schema = data.Schema,
        SyntheticUsers = data.SyntheticUsers,
        SyntheticItems = data.SyntheticItems,
        SyntheticSeed = data.SyntheticSeed,
        HoldOutValidation = holdOutValidation,
        Split = data.Split,
        SplitSeed = data.SplitSeed,
        TestShare = data.TestShare,
        Scenario = data.Scenario,
        KindWeights = data.KindWeights,
        Clean = CleaningWords.Parse(data.Clean),
        NormalizeRatings = data.NormalizeRatings,
        ContextData = data.ContextData,
        MinUserItems = data.MinUserItems,
        MinItemUsers = data.MinItemUsers,
        Reading = ToOptions(data.Reading),
    };

    /// <summary>How the files of the data are read.</summary>
    public static ReadingOptions ToOptions(ReadingSpec? reading) => reading is null ? new() : new()
    {
        UserColumn = reading.UserColumn,
        ItemColumn = reading.ItemColumn,
        TimeColumn = reading.TimeColumn,
        RatingColumn = reading.RatingColumn,
        KindColumn = reading.KindColumn,
        NoHeader = reading.NoHeader,
        Separator = reading.Separator,
        Kinds = reading.Kinds,
        Encoding = reading.Encoding,
    };

    /// <summary>When an update counts.</summary>
    public static IRoundRules ToRules(RoundSettings settings) => settings.Mode == RoundSettings.Asynchronous
        ? new BufferedRules(settings.MaxStaleness ?? BufferedRules.UsualMaxStaleness) : SynchronousRules.Instance;

    /// <summary>Who is asked in a round.</summary>
    public static CohortOptions ToOptions(RoundSettings settings) => new(settings.CohortSize, settings.ReportGoal, settings.Quorum);

    /// <summary>The personalisation that a request asks for.</summary>
    /// <exception cref="ArgumentException">There is no such method.</exception>
    public static PersonalizationOptions ToOptions(PersonalizationSettings? settings) => settings is null ? new() : new()
    {
        Method = PersonalizationOptions.Parse(settings.Method),
        Steps = settings.Steps,
        LearningRate = settings.LearningRate ?? new PersonalizationOptions().LearningRate,
        L1 = settings.L1,
        L2 = settings.L2,
        Clusters = settings.Clusters,
        ClusterWarmUp = settings.ClusterWarmUp,
    };
}
