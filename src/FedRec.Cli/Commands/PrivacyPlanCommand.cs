using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Contracts.Privacy;
using FedRec.Core.Privacy;
using FedRec.Core.Privacy.Accounting;
using FedRec.Core.Privacy.Correlation;
using FedRec.Core.Privacy.SecureAggregation;

namespace FedRec.Cli.Commands;

/// <summary><c>privacy plan</c>: what differential privacy would cost.</summary>
internal static class PrivacyPlanCommand
{
    private static readonly Option<int> s_users = Needed(TypedOptions.Number("--users", "Users that take part in the federation.", 1, 1));
    private static readonly Option<int> s_cohort = Needed(TypedOptions.Number("--cohort", "Users in a round on average, at most --users: each joins with a chance of its own, which nobody else knows.", 1, 1));
    private static readonly Option<int> s_rounds = Needed(TypedOptions.Number("--rounds", "Rounds of all runs together.", 1, 1, 10_000_000));
    private static readonly Option<double?> s_epsilon = TypedOptions.PositiveOrNone("--epsilon", "Target ε. Default: 4; with --noise, none.", 1_000);
    private static readonly Option<double?> s_delta = TypedOptions.PositiveOrNone("--delta", "Target δ. Default: a tenth of one divided by the users, at most 0.00001.", 0.1);
    private static readonly Option<double?> s_noise = TypedOptions.PositiveOrNone("--noise", "Noise multiplier, in place of the smallest one that keeps the target: standard deviation of the noise on the sum, divided by the clip norm.", 1_000_000);
    private static readonly Option<int?> s_parameters = TypedOptions.NumberOrNone("--parameters", "Numbers in an update: shows the noise beside the longest mean of updates that there can be.", 1, int.MaxValue);

    private static readonly Option<int?> s_separation = TypedOptions.NumberOrNone("--separation",
        "With --dp central, compares with noise for users who cannot be drawn by chance: one who was in a round is in none of the next, and may be in it that many rounds later. Default: as many as users taking turns leave, --users divided by --cohort.", 1, 10_000_000);

    private static readonly Option<string> s_dp = TypedOptions.Word("--dp", "Whose noise it is, as a run has it: central, distributed or local. Clients that add it themselves are known to whoever runs a round: each round counts as one of everybody.",
        PrivacySettings.Central, [PrivacySettings.Central, PrivacySettings.Distributed, PrivacySettings.Local]);

    public static Command Create(Terminal terminal)
    {
        var command = new Command("plan", "Shows how much noise a target of differential privacy needs, what it leaves of an update, and what other rounds and noise would promise.");
        command.WithOptions([new("Federation", [s_users, s_cohort, s_rounds, s_parameters]), new("Promise", [s_epsilon, s_delta, s_noise, s_dp, s_separation])]);
        command.WithExamples(
            "fedrec privacy plan --users 6040 --cohort 604 --rounds 100 --epsilon 4 --parameters 237000",
            "fedrec privacy plan --users 6040 --cohort 6040 --rounds 2 --epsilon 4 --dp local         with all of the noise on each update",
            "fedrec privacy plan --users 100000 --cohort 2000 --rounds 500 --noise 1.2         what this noise promises",
            "fedrec privacy plan --users 100000 --cohort 2000 --rounds 500 --noise 1.2 --epsilon 2         and for how many rounds it promises 2");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var (users, cohort) = (context.Value(s_users), context.Value(s_cohort));
            if (cohort > users)
            {
                throw new CliException(ExitCode.Usage, $"--cohort is {cohort}, more than --users {users}.", "A cohort has at most all users.");
            }

            if (context.Value(s_separation) is not null && context.Value(s_dp) is not PrivacySettings.Central)
            {
                throw new CliException(ExitCode.Usage, $"--separation goes with --dp {PrivacySettings.Central} only.", "Clients that add noise themselves do not know each other's, so that none of it can be taken back later.");
            }

            var delta = context.Value(s_delta) ?? Math.Min(1e-5, 0.1 / users);
            var plan = await CommandContext.ReadAsync(
                () => PrivacyPlan.Make(users, cohort, context.Value(s_rounds), context.Value(s_epsilon), delta, context.Value(s_noise), context.Value(s_parameters), context.Value(s_dp), context.Value(s_separation)), cancellationToken);
            ResultTable[] turns = plan.Turns is { } compared ? [Turns(plan, compared)] : [];
            context.Write(plan, [Choices(plan), .. turns, Curve(plan)]);
            return ExitCode.Ok;
        });
        return command;
    }

    private static ResultTable Choices(PrivacyPlan plan)
    {
        var chance = plan.Dp != PrivacySettings.Central && plan.Cohort < plan.Users ? $"{Text.Count(plan.Cohort)} of the" : plan.SamplingProbability == 1 ? "all" : $"{Text.Percent(plan.SamplingProbability, 2)} of the";
        var table = new ResultTable(
            $"{Text.Count(plan.Rounds)} rounds of {chance} {Text.Count(plan.Users)} users, δ = {Short(plan.Delta)}",
            "noise from", ">noise multiplier", ">ε by losses", ">ε by divergences", ">noise on each number of the mean", ">noise / longest mean");
        foreach (var choice in plan.Choices)
        {
            table.Add(
                choice.From, Text.Fixed(choice.NoiseMultiplier), Epsilon(choice.EpsilonByLosses), Epsilon(choice.EpsilonByDivergences), Short(choice.NoiseOfMean),
                choice.NoiseToMean is { } ratio ? Short(ratio) : "");
        }

        if (plan.MostRounds is { } most)
        {
            table.Notes.Add($"With this noise ε stays within {Short(plan.TargetEpsilon!.Value)} for {Text.Count(most)} rounds.");
        }

        table.Notes.Add("ε and δ: whatever is released of the run is at most e^ε times as likely with a user's data as without, but for a chance of δ; small numbers mean that little can be told of anybody.");
        table.Notes.Add("ε by losses is the sharper of two sums that are both true: privacy loss distributions and Rényi divergences. Noise of the mean is in units of the clip norm.");
        if (plan.Dp != PrivacySettings.Central)
        {
            table.Notes.Add(plan.Dp == PrivacySettings.Local ? "Each client adds all of the noise: the mean has that of all of them." : "Each client adds a share of the noise, made for as few as may be counted: the mean has what is shown where nobody goes away.");
            table.Notes.Add("Whoever runs the rounds knows who is in them, so each counts as one of everybody.");
        }

        if (plan.Delta * plan.Users >= 1)
        {
            table.Notes.Add($"Warning: with δ = {Short(plan.Delta)} one of the {Text.Count(plan.Users)} users may lose everything; give --delta far below {Short(1.0 / plan.Users)}.");
        }

        if (plan.Choices[0].NoiseToMean > 1)
        {
            table.Notes.Add("The noise is longer than any mean of updates: more users a round, fewer parameters or a larger ε would help.");
        }

        return table;
    }

    private static ResultTable Turns(PrivacyPlan plan, PrivacyTurns turns)
    {
        var table = new ResultTable(
            $"The same ε where users are not drawn by chance, but take turns: each at most every {Text.Count(turns.Separation)} rounds, {Text.Count(turns.Most)} times",
            "noise", ">noise multiplier", ">noise on the sum of all rounds").Add("independent, users drawn by chance", Text.Fixed(turns.Drawn.NoiseMultiplier), Short(turns.Drawn.NoiseOfSum))
            .Add("independent", Text.Fixed(turns.Independent.NoiseMultiplier), Short(turns.Independent.NoiseOfSum))
            .Add($"correlated, {Text.Count(turns.Decay.Count)} buffers", Text.Fixed(turns.Correlated.NoiseMultiplier), Short(turns.Correlated.NoiseOfSum));
        table.Notes.Add("A model is made of the sum of its rounds. Correlated noise takes a part of itself back in later rounds (BLT-DP-FTRL, McMahan, Xu and Zhang 2024); its multiplier is that of the fresh noise of a round. Noise of sums is in units of the clip norm.");
        return table;
    }

    private static ResultTable Curve(PrivacyPlan plan)
    {
        string[] noises = [.. plan.Curve.Select(point => point.NoiseMultiplier).Distinct().Select(noise => Text.Fixed(noise))];
        var table = new ResultTable("ε by losses for other rounds and noise multipliers", [">rounds", .. noises.Select(noise => $">noise {noise}")]);
        foreach (var row in plan.Curve.GroupBy(point => point.Rounds))
        {
            table.Add([Text.Count(row.Key), .. row.Select(point => Epsilon(point.Epsilon))]);
        }

        table.Notes.Add($"A run does that with --epsilon {Short(plan.TargetEpsilon ?? plan.Choices[0].EpsilonByLosses)} --delta {Short(plan.Delta)} --cohort {plan.Cohort} --rounds {plan.Rounds} --clip-norm X{plan.Dp switch { PrivacySettings.Distributed => " --dp distributed --aggregator secure-mean", PrivacySettings.Local => " --dp local", _ => "" }}, where each user is a client.");
        return table;
    }

    // Up, so that what is read is true.
    private static string Epsilon(double epsilon) => double.IsFinite(epsilon) ? Text.Fixed(Math.Ceiling(epsilon * 1_000) / 1_000, 3) : "none";

    private static string Short(double value) => value.ToString(value is 0 or >= 1e-3 ? "0.####" : "0.##e0", CultureInfo.InvariantCulture);

    private static Option<T> Needed<T>(Option<T> option)
    {
        (option.Required, option.DefaultValueFactory) = (true, null);
        return option;
    }
}

/// <summary>A plan of differential privacy: noise, what it promises, and what it does to updates.</summary>
/// <param name="Users">Users that take part.</param>
/// <param name="Cohort">Users in a round on average.</param>
/// <param name="Rounds">Rounds of all runs together.</param>
/// <param name="SamplingProbability">Chance that a user is in a round.</param>
/// <param name="TargetEpsilon">ε that was asked for; null where only noise was given.</param>
/// <param name="Delta">δ.</param>
/// <param name="Choices">The least noise by either accountant, or the noise that was given.</param>
/// <param name="MostRounds">Rounds for which the given noise keeps the target; null where one of both was not given.</param>
/// <param name="Curve">ε for other rounds and noise.</param>
/// <param name="Dp">Whose noise it is.</param>
/// <param name="Turns">The same ε for users who take turns; null where noise is the clients', there is no ε, or there are too many rounds.</param>
internal sealed record PrivacyPlan(
    int Users, int Cohort, int Rounds, double SamplingProbability, double? TargetEpsilon, double Delta, IReadOnlyList<PrivacyChoice> Choices, long? MostRounds, IReadOnlyList<PrivacyPoint> Curve, string Dp, PrivacyTurns? Turns)
{
    private const double UsualEpsilon = 4;
    private const int MostRoundsAsked = 1_000_000;

    public static PrivacyPlan Make(int users, int cohort, int rounds, double? epsilon, double delta, double? noise, int? parameters, string dp = PrivacySettings.Central, int? separation = null)
    {
        var q = dp == PrivacySettings.Central ? (double)cohort / users : ClientNoise.Rate;
        var more = dp switch { PrivacySettings.Distributed => Math.Sqrt((double)cohort / NeighbourGraph.QuorumOf(cohort)), PrivacySettings.Local => Math.Sqrt(cohort), _ => 1 }; // noise on the sum
        var target = epsilon ?? (noise is null ? UsualEpsilon : null);
        IEnumerable<(string From, double Noise)> found = noise is { } given ? [("--noise", given)]
            : [("losses", Least(PldAccountant.Guarantee)), ("divergences", Least(RdpAccountant.Guarantee))];
        PrivacyChoice[] choices = [.. found.Select(one => Choice(one.From, one.Noise))];
        long? most = noise is { } fixedNoise && target is { } limit ? NoiseSearch.MostRounds(new(limit, delta), q, fixedNoise, PldAccountant.Guarantee, MostRoundsAsked) : null;
        var curve = from times in new[] { 0.25, 0.5, 1, 2, 4 }
                    from share in new[] { 0.5, 1, 2 }
                    select (Rounds: (long)Math.Max(1, Math.Round(rounds * times)), Noise: choices[0].NoiseMultiplier * share);
        return new PrivacyPlan(
            users, cohort, rounds, q, target, delta, choices, most,
            [.. curve.Distinct().AsParallel().AsOrdered().Select(point => new PrivacyPoint(point.Rounds, point.Noise, Epsilon(PldAccountant.Guarantee, point.Noise, point.Rounds)))], dp,
            dp == PrivacySettings.Central ? PrivacyTurns.Make(new ParticipationLimit(rounds, separation ?? users / cohort), new(target ?? choices[0].EpsilonByLosses, delta), choices[0].NoiseMultiplier) : null);

        // Four digits are shown, so four digits are what keeps the target.
        double Least(PrivacyAccountant accountant) => Math.Ceiling(NoiseSearch.SmallestNoise(new(target!.Value, delta), q, rounds, accountant) * 10_000) / 10_000;

        double Epsilon(PrivacyAccountant accountant, double z, long count) => accountant([new PrivacyEvent(new SampledGaussian(z, q), count)], delta).Epsilon;

        PrivacyChoice Choice(string from, double z) => new(
            from, z, Epsilon(PldAccountant.Guarantee, z, rounds), Epsilon(RdpAccountant.Guarantee, z, rounds), more * z / cohort, parameters is { } size ? more * z * Math.Sqrt(size) / cohort : null);
    }
}

/// <summary>What an ε takes where users are not drawn by chance, but take turns.</summary>
/// <param name="Separation">Rounds from one of a user to the next, at least.</param>
/// <param name="Most">Rounds that a user is in, at most.</param>
/// <param name="Drawn">Independent noise for users who are drawn by chance, for comparison.</param>
/// <param name="Independent">Independent noise.</param>
/// <param name="Correlated">Noise that takes a part of itself back.</param>
/// <param name="Decay">θ of the buffers of the correlated noise.</param>
/// <param name="Scale">ω of these.</param>
internal sealed record PrivacyTurns(int Separation, int Most, PrivacyOfSum Drawn, PrivacyOfSum Independent, PrivacyOfSum Correlated, IReadOnlyList<double> Decay, IReadOnlyList<double> Scale)
{
    private const int MostRounds = 10_000; // a search of some seconds

    /// <summary>Compares them; null where there is no ε or there are too many rounds to search for a strategy.</summary>
    /// <param name="limit">Rounds, and how often a user may be in them.</param>
    /// <param name="budget">ε and δ of the whole run.</param>
    /// <param name="drawn">Noise multiplier that keeps them where users are drawn by chance.</param>
    public static PrivacyTurns? Make(ParticipationLimit limit, Core.Privacy.Accounting.PrivacyBudget budget, double drawn)
    {
        if (limit.Rounds > MostRounds || !double.IsFinite(budget.Epsilon))
        {
            return null;
        }

        var whole = NoiseSearch.SmallestNoise(budget, samplingProbability: 1, rounds: 1, PldAccountant.Guarantee); // the run is one Gaussian mechanism
        var noise = new CorrelatedNoise(StrategySearch.Best(limit), limit);
        return new(
            limit.Separation, limit.Most, new(drawn, drawn * Math.Sqrt(limit.Rounds)), Of(Math.Sqrt(limit.Most), limit.Rounds),
            Of(noise.Sensitivity, StrategyLoss.MaxError(StrategyLoss.InverseOf(noise.Strategy.Coefficients(limit.Rounds)))), noise.Strategy.Decay, noise.Strategy.Scale);

        PrivacyOfSum Of(double sensitivity, double variance) => new(whole * sensitivity, whole * sensitivity * Math.Sqrt(variance));
    }
}

/// <summary>Noise of each round, and what there is of it on the sum of all rounds.</summary>
/// <param name="NoiseMultiplier">Standard deviation of the fresh noise of a round ÷ clip norm.</param>
/// <param name="NoiseOfSum">Standard deviation on each number of the sum of all rounds, in clip norms.</param>
internal sealed record PrivacyOfSum(double NoiseMultiplier, double NoiseOfSum);

/// <summary>Noise and what it promises.</summary>
/// <param name="From">What the noise was found by.</param>
/// <param name="NoiseMultiplier">Standard deviation of the noise on the sum ÷ clip norm.</param>
/// <param name="EpsilonByLosses">ε of the privacy loss distribution.</param>
/// <param name="EpsilonByDivergences">ε of Rényi divergences.</param>
/// <param name="NoiseOfMean">Standard deviation of the noise on each number of the mean, in clip norms.</param>
/// <param name="NoiseToMean">Length of the noise on the mean, in clip norms, which no mean is longer than; null without a number of parameters.</param>
internal sealed record PrivacyChoice(string From, double NoiseMultiplier, double EpsilonByLosses, double EpsilonByDivergences, double NoiseOfMean, double? NoiseToMean);

/// <summary>ε of some rounds with some noise.</summary>
internal sealed record PrivacyPoint(long Rounds, double NoiseMultiplier, double Epsilon);
