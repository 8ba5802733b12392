using System.Globalization;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Runs;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Cleaning;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Personalization;
using FedRec.Core.Privacy;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Updates;

namespace FedRec.Grains.Requests;

/// <summary>Refuses run requests: by ranges, by settings that exclude each other or do nothing, and by what the data has. The words are those in which a
/// federation refuses, also where there is no silo yet.</summary>
public static class RequestChecks
{
    /// <summary>Checks a request of a run that is to start, as far as it does not need the data.</summary>
    /// <param name="request">The request.</param>
    /// <param name="simulated">What its federation simulates; null where clients keep their data themselves, or where it is not known yet.</param>
    /// <param name="parts">What it can name.</param>
    /// <returns>The request with its defaults filled in, and what the run is about as far as that is known.</returns>
    /// <exception cref="ArgumentException">A value is out of range, does nothing or cannot work; the message says which and what is allowed.</exception>
    public static BoundRun Checked(RunRequest request, DataSpec? simulated, FederationParts parts)
    {
        var run = new BoundRun(RunRequests.WithDefaults(request, parts), RunRequests.SourceOf(request, simulated));
        Check(run, parts);
        CheckUse(run.Request, parts);
        return run;
    }

    /// <summary>Whether a request asks for the run that another request has started.</summary>
    /// <exception cref="ArgumentException">There is no such learner.</exception>
    public static bool IsSame(RunStatus started, RunRequest request, DataSpec simulated, FederationParts parts) =>
        RunRequests.IsSame(new(started.Request, started.Source), new(request, RunRequests.SourceOf(request, simulated)), parts);

    /// <summary>Whether a run holds validation interactions out.</summary>
    public static bool HoldsOut(RunRequest request) => request.HoldOutValidation || request.Patience > 0 || request.TargetMetric is not (null or StoppingTarget.Loss);

    /// <summary>How the silos will read the data that is simulated.</summary>
    /// <exception cref="ArgumentException">A word among the options is not known.</exception>
    public static DatasetOptions DataOf(DataSpec simulated, bool holdOutValidation = false) => RunRequests.ToDatasetOptions(simulated, holdOutValidation);

    /// <summary>Checks a request, defaults filled in, as far as it does not need the data. What is refused here is not read back either.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message says which and what is allowed.</exception>
    internal static void Check(BoundRun run, FederationParts parts)
    {
        var (request, source) = run;
        var recommended = parts.Learner(request.Learner).Recommended(request.LearnerOptions);
        var rounds = request.Rounds;
        Require(rounds.Count is >= 1 and <= 1_000_000, "rounds", rounds.Count, "1 to 1,000,000");
        Require(rounds.CohortSize >= 0, "cohort", rounds.CohortSize, "1 or more, or 0 for all clients");
        Require(rounds.ReportGoal >= 0, "report-goal", rounds.ReportGoal, "1 to the cohort size, or 0 for the whole cohort");
        Require(rounds.CohortSize == 0 || rounds.ReportGoal <= rounds.CohortSize, "report-goal", rounds.ReportGoal, $"at most the cohort size {rounds.CohortSize}");
        Require(rounds.Quorum is > 0 and <= 1, "quorum", rounds.Quorum, "a share of the report goal in (0, 1]");
        Require(rounds.Deadline > TimeSpan.Zero && rounds.Deadline <= TimeSpan.FromDays(1), "deadline", rounds.Deadline, "more than 0 and at most one day");
        Require(rounds.PublishEvery >= 0, "publish-every", rounds.PublishEvery, "1 or more, or 0 to publish by time");
        Require(rounds.Dropout is >= 0 and < 1, "dropout", rounds.Dropout, "a chance in [0, 1)");
        Require(rounds.Straggler >= 0 && rounds.Dropout + rounds.Straggler < 1, "straggler", rounds.Straggler, "a chance in [0, 1), below 1 together with dropout");
        Require(rounds.VirtualTime || rounds.Dropout + rounds.Straggler == 0, "dropout and straggler", rounds.Dropout + rounds.Straggler, "0 in real time; only virtual time simulates them");
        Require(rounds.Mode is null or RoundSettings.Asynchronous or RoundSettings.Gossip, "mode", rounds.Mode, $"left out for rounds that wait for their cohort, or {RoundSettings.Asynchronous} or {RoundSettings.Gossip}");
        Require(rounds.Topology is null || (rounds.Mode == RoundSettings.Gossip && GossipGraph.Names.Contains(rounds.Topology)), "topology", rounds.Topology, $"{string.Join(" or ", GossipGraph.Names)}, and left out unless mode is {RoundSettings.Gossip}");
        if (rounds.Mode == RoundSettings.Gossip)
        {
            Require(rounds.CohortSize == 0 && rounds.ReportGoal == 0, "cohort and report-goal", Math.Max(rounds.CohortSize, rounds.ReportGoal), $"left out with mode {rounds.Mode}, in which all clients take part");
            Require(rounds.VirtualTime, "virtual time", rounds.VirtualTime, $"on with mode {rounds.Mode}");
            Require(source.Simulated is not null, "mode", rounds.Mode, "left out where clients keep their data themselves: gossip is simulated in one process, which has to have the data of all of them");
        }

        Require(rounds.MaxStaleness is null || (rounds.MaxStaleness is >= 0 and <= 1_000 && rounds.Mode == RoundSettings.Asynchronous), "max-staleness", rounds.MaxStaleness, $"0 to 1,000, and left out unless mode is {RoundSettings.Asynchronous}");
        Require(rounds.Mode is null || rounds.Aggregator == MeanAggregator.Instance.Name, "aggregator", rounds.Aggregator, $"mean with mode {rounds.Mode}");
        Require(!rounds.AdaptiveDeadline || !rounds.VirtualTime, "adaptive-deadline", rounds.AdaptiveDeadline, "left out in virtual time, in which no client takes real time");
        Require(rounds.ErrorBudget is null or >= 0, "error-budget", rounds.ErrorBudget, "0 or more");
        Require(rounds.Regions is null || (rounds.Regions is >= 1 and <= 10_000 && rounds.Mode is null), "regions", rounds.Regions, "1 to 10,000, and left out with a mode");
        Require(request.EvaluateEvery >= 0, "evaluate-every", request.EvaluateEvery, "0 or more");
        Require(request.Patience >= 0, "patience", request.Patience, "0 or more");
        Require(request.Patience == 0 || (source.HoldOutValidation && request.EvaluateEvery > 0), "patience", request.Patience, "0 unless validation is held out and evaluate-every is set");
        RunTargets.Check(run);
        Require(request.WarmStart >= 0, "warm-start", request.WarmStart, "a model version, or 0");
        Require(request.WarmStartFrom is null || ItemKeys.All.Contains(request.WarmStartFrom.Match), "warm-start-match", request.WarmStartFrom?.Match, string.Join(" or ", ItemKeys.All));
        Require(request.WarmStartFrom is null || recommended.Step != StepRule.Sum, "warm-start-from", request.WarmStartFrom?.Federation, $"left out for {request.Learner}, which adds up exact statistics of one catalogue");
        Require(request.WarmStart == 0 || recommended.Step != StepRule.Sum || recommended.TakesChanges, "warm-start", request.WarmStart, $"left out for {request.Learner}, which counts everything anew in each run");
        if (source.Simulated is { } simulated)
        {
            CheckSource(simulated, parts);
        }

        CheckPlain(request, recommended);
        CheckPrivacy(request, parts);
        Require(double.IsFinite(rounds.ClipNorm) && rounds.ClipNorm >= 0, "clip-norm", rounds.ClipNorm, "a length above 0, or 0 for no bound");
        _ = parts.Steps(rounds.Steps);
        Require(!parts.Aggregator(rounds.Aggregator, rounds.Trim).TakesDirectionsOnly || rounds.Weighting == "uniform", "weighting", rounds.Weighting, $"uniform with aggregator {rounds.Aggregator}, for which every client counts alike");
        Require(rounds.MaxShare is >= 0 and <= 1, "max-share", rounds.MaxShare, "a share in (0, 1], or 0 for no limit");
        Require(rounds.MaxShare == 0 || rounds.Weighting is "examples" or "capped", "max-share", rounds.MaxShare, $"0 with weighting {rounds.Weighting}: it limits the weights of weighting examples");
        _ = ClientWeighting.Parse(rounds.Weighting, rounds.WeightCap);
        ServerOptimizers.Validate(request.ServerOptimizer);
        UnusedSettings.ThrowIfAny(request);
        if (recommended.Step == StepRule.Sum)
        {
            CheckSum(run, recommended);
        }
    }

    /// <summary>Checks what a federation is to simulate, as far as it does not need the data itself.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message says which and what is allowed.</exception>
    internal static void CheckSource(DataSpec data, FederationParts parts)
    {
        _ = data.Scenario is { } scenario ? Scenario.Find(scenario, parts.Scenarios) : null;
        Require(data.MinUserItems >= 0, "min-user-items", data.MinUserItems, "1 or more, or 0 for no bound");
        Require(data.MinItemUsers >= 0, "min-item-users", data.MinItemUsers, "1 or more, or 0 for no bound");
        Require(data.TestShare is > 0 and < 0.5, "test-share", data.TestShare, "more than 0 and less than 0.5");
        Require(data.TestShare == DatasetOptions.UsualTestShare || data.Split == DatasetOptions.TemporalSplit, "test-share", data.TestShare,
            $"left out with the split {data.Split}, which has no cut in time; the split {DatasetOptions.TemporalSplit} has one");
        Require(data.Parties >= 0, "parties", data.Parties, "0 or more");
        Require(data.Alpha is >= 0 and <= 1e6, "alpha", data.Alpha, "more than 0 and at most 1,000,000, or 0 for parties of equal size");
        Require(data.Alpha == 0 || data.Parties > 0, "alpha", data.Alpha, "0 unless parties is set: it is about how the users are dealt to parties");
        _ = CleaningWords.Parse(data.Clean);
        RunRequests.ToOptions(data.Reading).Check();
        if (data is { Schema: { } schema, Path: null })
        {
            throw new ArgumentException($"schema is {schema}; it declares the columns of a file, but no data path is given.");
        }
    }

    /// <summary>Checks what needs the data.</summary>
    /// <exception cref="ArgumentException">Nobody has what the run is to be stopped or chosen by.</exception>
    internal static void CheckData(BoundRun run, Dataset dataset)
    {
        var (request, source) = run;
        if (source.HoldOutValidation && dataset.Validation.Count == 0)
        {
            var why = request.Patience > 0 ? $"patience is {request.Patience}"
                : request.TargetMetric is { } metric and not StoppingTarget.Loss ? $"target is {metric}"
                : "validation interactions are to be held out";
            var needs = source.Simulated?.Split == DatasetOptions.TemporalSplit
                ? "it takes users with interactions before the cuts and between them, with items that others have before the cuts"
                : "it takes users with 3 interactions or more, of which one is held out for testing";
            throw new ArgumentException(
                $"{why}, but nobody has a validation interaction: {needs}. Leave early stopping, targets and sweeps on validation out, or give data with longer histories.");
        }
    }

    // Statistics are added up as they are: a part of the clients, a weight or another step would make them wrong.
    private static void CheckSum(BoundRun run, LearnerDefaults given)
    {
        var request = run.Request;
        var (rounds, optimizer, own) = (request.Rounds, request.ServerOptimizer, $"for {request.Learner}, which adds up exact statistics of all clients");
        var count = request.WarmStart > 0 ? 1 : given.Rounds; // a version takes all changes in at once
        Require(rounds.Count == count, "rounds", rounds.Count, $"{count} {own}");
        Require(rounds.CohortSize == 0, "cohort", rounds.CohortSize, $"0 {own}");
        Require(rounds.ReportGoal == 0, "report-goal", rounds.ReportGoal, $"0 {own}");
        Require(rounds.Weighting == given.Weighting, "weighting", rounds.Weighting, $"{given.Weighting} {own}");
        Require(rounds.WeightCap == 0, "weight-cap", rounds.WeightCap, $"0 {own}");
        var kinds = run.Source.Simulated?.KindWeights;
        Require(KindWeights.OnlyLeavesOut(kinds), "kind-weights", kinds, $"weights of 0 and 1 {own} and counts every kind alike that is not left out");
        Require(request.Patience == 0, "patience", request.Patience, $"0 {own}");
        Require(request.TargetMetric is null, "target", request.TargetMetric, $"left out {own}");
        Require(ServerOptimizers.IsPlain(optimizer, given.ServerOptimizer), "server-optimizer", optimizer.Name, $"{given.ServerOptimizer.Name} with learning rate {given.ServerOptimizer.LearningRate} without momentum or schedule {own}");
    }

    // What would release something else of the clients, or depend on it, beside the sums that noise hides.
    private static void CheckPrivacy(RunRequest request, FederationParts parts)
    {
        if (request.Privacy is not { } privacy)
        {
            return;
        }

        var rounds = request.Rounds;
        Require(privacy.Epsilon is > 0 and <= 1_000, "epsilon", privacy.Epsilon, "more than 0 and at most 1,000");
        Require(privacy.Delta is > 0 and < 1, "delta", privacy.Delta, "a chance in (0, 1), and less than 1 / clients");
        Require(privacy.NoiseMultiplier is >= 0 and <= 10_000, "noise-multiplier", privacy.NoiseMultiplier, "more than 0 and at most 10,000, or 0 for the smallest that epsilon allows");
        Require(rounds.ClipNorm > 0, "clip-norm", rounds.ClipNorm, "a length above 0 with privacy: noise hides what is no longer than that");
        Require(privacy.ClipQuantile is null or (> 0 and < 1), "clip-quantile", privacy.ClipQuantile, "a share in (0, 1), or left out for a clip norm that stays");
        Require(privacy.ClipQuantile is null || rounds.ClipNorm is >= AdaptiveClipping.LeastNorm and <= AdaptiveClipping.MostNorm, "clip-norm", rounds.ClipNorm, string.Create(CultureInfo.InvariantCulture, $"{AdaptiveClipping.LeastNorm} to {AdaptiveClipping.MostNorm:N0} with clip-quantile"));
        Require(privacy.ClipQuantile is null || string.IsNullOrEmpty(rounds.Steps), "update-steps", rounds.Steps, "left out with clip-quantile: the norm that adapts is that of what is trained");
        Require(rounds.Mode is null, "mode", rounds.Mode, "left out with privacy");
        var aggregator = parts.Aggregator(rounds.Aggregator, rounds.Trim);
        Require(aggregator.Opened is MeanAggregator, "aggregator", rounds.Aggregator, $"mean or {SecureMean.UsualName} with privacy");
        Require(privacy.Noise is null or PrivacySettings.Distributed or PrivacySettings.Local, "dp", privacy.Noise, $"{PrivacySettings.Central}, {PrivacySettings.Distributed} or {PrivacySettings.Local}");
        Require(privacy.Noise != PrivacySettings.Distributed || aggregator is SecureMean, "aggregator", rounds.Aggregator,
            $"{SecureMean.UsualName} with dp {privacy.Noise}: a client's share of the noise hides its update among others only");
        Require(privacy.Noise is null || parts.Steps(rounds.Steps).Steps.All(step => step is not (Sparsification or Quantization or Packing)), "update-steps", rounds.Steps,
            $"without topk, float16, int8, int4 and zstd with dp {privacy.Noise}: the noise is in every number, whole, and comes last");
        Require(rounds.Weighting == "uniform" && rounds.MaxShare == 0, "weighting", rounds.Weighting, "uniform with privacy, without a limit on shares");
        Require(rounds.ReportGoal == 0, "report-goal", rounds.ReportGoal, "left out with privacy: how many are asked is drawn by coins");
        Require(rounds.ErrorBudget is null or 0, "error-budget", rounds.ErrorBudget, "left out with privacy: each client has the same chance in each round");
        Require(request.Patience == 0, "patience", request.Patience, "0 with privacy: no noise hides the validation items that it looks at");
        Require(request.TargetMetric is null, "target", request.TargetMetric, "left out with privacy: no noise hides what it looks at");
        Require(request.WarmStartFrom?.Federation != request.Federation, "warm-start-from", request.WarmStartFrom?.Federation, "another federation with privacy, of public data; a version of one's own is begun with by --warm-start");
        Require(!request.HoldOutValidation, "held-out validation", request.HoldOutValidation, "left out with privacy: no noise hides the items by which the best round is chosen");
    }

    private static void CheckPlain(RunRequest request, LearnerDefaults recommended)
    {
        var (optimizer, weighting) = (request.ServerOptimizer, request.Rounds.Weighting);
        var plain = ServerOptimizers.IsPlain(optimizer, new ServerOptimizerOptions()) && weighting == "uniform";
        if (!plain && recommended.Step == StepRule.Mean)
        {
            throw new ArgumentException(
                $"These options of {request.Learner} (scaffold) hold only for plain averaging, but the server optimizer is {optimizer.Name} with learning rate " +
                $"{optimizer.LearningRate}, momentum {optimizer.Momentum} and schedule {optimizer.Schedule}, and weighting is {weighting}; leave these at their defaults: sgd, 1, 0, constant and uniform.");
        }
    }

    // With such settings a run would not do what it is asked for. One that was stored before there was such a rule is still loaded.
    private static void CheckUse(RunRequest request, FederationParts parts)
    {
        var learner = parts.Learner(request.Learner);
        learner.ThrowIfIdle(request.LearnerOptions);
        Personalizations.ThrowUnlessPossible(RunRequests.ToOptions(request.Personalization), learner, request.LearnerOptions);
        ClientWeighting.ThrowIfUseless(request.Rounds.Weighting, request.Rounds.WeightCap);
    }

    private static void Require<T>(bool holds, string name, T value, string allowed)
    {
        if (!holds)
        {
            throw new ArgumentException($"{name} is {value}; it must be {allowed}.");
        }
    }
}
