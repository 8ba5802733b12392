using System.Globalization;
using System.Text.Json;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Privacy.Accounting;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Grains.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>What the owner of a party forbids, whatever the coordinator asks: <c>policy.json</c> in the party's folder. Without that file every order is followed.</summary>
/// <remarks>Read anew for each order, so that a change counts at once. A file that cannot be read ends the party: it never works by a policy that it does not know.</remarks>
internal sealed record PartyPolicy
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "policy.json";

    private const int MostOfAnything = 1_000_000;
    private static readonly string[] s_modes = ["sync", RoundSettings.Asynchronous, RoundSettings.Gossip];
    private static readonly string[] s_keys = ["forbidModes", "allowLearners", "denyLearners", "minimumCohort", "roundsPerDay", "epsilonPerDay", "requireMasks", "requireOwnNoise", "allowReports"];
    private static readonly string[] s_reports = ["matchedItems", "unmatchedItems", "readAt"];

    /// <summary>Modes of runs that are refused. Default: none.</summary>
    public IReadOnlyList<string> ForbidModes { get; private init; } = [];

    /// <summary>The only learners that are not refused. Default: null, all.</summary>
    public IReadOnlyList<string>? AllowLearners { get; private init; }

    /// <summary>Learners that are refused. Default: none.</summary>
    public IReadOnlyList<string> DenyLearners { get; private init; } = [];

    /// <summary>Fewest clients that a round must ask, the party among them. Default: 1.</summary>
    public int MinimumCohort { get; private init; } = 1;

    /// <summary>Most rounds that the party adds to within 24 hours. Default: null, no limit.</summary>
    public int? RoundsPerDay { get; private init; }

    /// <summary>Most ε that the party spends within 24 hours. Default: null, no limit.</summary>
    public double? EpsilonPerDay { get; private init; }

    /// <summary>Whether the party adds only to runs in which updates are masked, so that the coordinator sees the sum over several parties and not its own. Default: false.</summary>
    public bool RequireMasks { get; private init; }

    /// <summary>Whether the party adds only to runs whose noise is of the clients, so that the coordinator sees nothing of its update, or of the sum that it is in, without noise. Default: false.</summary>
    public bool RequireOwnNoise { get; private init; }

    /// <summary>What the coordinator is told of the data beside users and size class, without which no run can weigh it. Default: nothing.</summary>
    public IReadOnlyList<string> AllowReports { get; private init; } = [];

    /// <summary>The policy in a folder; one that forbids nothing where there is no file.</summary>
    /// <exception cref="CliException">The file is no policy; says which key, and what to write.</exception>
    public static PartyPolicy Read(string folder, FederationParts parts)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            return PartyFiles.TryRead(file) is { } text ? Parse(text, parts) : new PartyPolicy();
        }
        catch (JsonException exception)
        {
            throw Bad(file, $"is no JSON: {exception.Message.Split('\n')[0]}", $"Correct it, or begin anew with {{ }}; its keys are {string.Join(", ", s_keys)}.", exception);
        }
        catch (PolicyKeyException exception)
        {
            throw Bad(file, exception.Message, exception.Next, exception);
        }
        catch (PartyFileException exception)
        {
            throw Bad(file, $"cannot be read: {exception.Why}", "Make it a file that the user of this process may read, or remove it.", exception);
        }
    }

    /// <summary>Why an order is refused.</summary>
    /// <param name="order">The order.</param>
    /// <param name="sent">What the party has added to within the last 24 hours, without the order's own.</param>
    /// <returns>A sentence or two for the coordinator's operator; null when the order may be followed.</returns>
    public string? WhyNot(PartyOrder order, RecentReleases sent)
    {
        var (mode, learner) = (order.Request.Rounds.Mode ?? s_modes[0], order.Request.Learner);
        var clients = order.Source.Hosted?.Clients ?? 0;
        var cohort = order.Request.Rounds.CohortSize is > 0 and var asked ? Math.Min(asked, clients) : clients;
        return ForbidModes.Contains(mode) ? $"The party's policy forbids runs in mode {mode}."
            : DenyLearners.Contains(learner) ? $"The party's policy forbids learner {learner}."
            : AllowLearners is { } allowed && !allowed.Contains(learner) ? $"The party's policy allows no learner but {string.Join(", ", allowed)}, and this run is one of {learner}."
            : cohort < MinimumCohort ? Text($"The party's policy wants rounds that ask at least {MinimumCohort} clients, and those of this run ask {cohort}.")
            : RequireMasks && order.Evaluation is null && order.Request.Rounds.Aggregator != SecureMean.UsualName
                ? $"The party's policy wants updates to be masked (aggregator {SecureMean.UsualName}), and those of this run are not: aggregator {order.Request.Rounds.Aggregator}."
            : RequireOwnNoise && order.Evaluation is null && order.Request.Privacy?.Noise is null
                ? $"The party's policy wants noise of the clients' own (dp {PrivacySettings.Distributed} or {PrivacySettings.Local}), and {(order.Request.Privacy is null ? "this run has none" : "that of this run is the coordinator's")}."
            : (RequireOwnNoise || EpsilonPerDay is not null) && order.Evaluation is null && WhyOwnNoiseIsTooLittle(order, sent.OfRun + 1) is { } little ? $"The party adds noise of its own, and {little}."
            : EpsilonPerDay is { } epsilon && WhyNot(epsilon, order, sent.Epsilon) is { } why ? Text($"The party's policy allows at most ε = {epsilon} in 24 hours, and {why}.")
            : order.Evaluation is null && sent.Rounds >= RoundsPerDay ? Text($"The party's policy allows {RoundsPerDay} rounds in 24 hours, and the party has added to {sent.Rounds}.")
            : null;
    }

    // What the run says of its ε is worked out anew: the noise is the party's, and how little of it is asked for is the coordinator's.
    private static string? WhyOwnNoiseIsTooLittle(PartyOrder order, int rounds) => order.Request switch
    {
        { Privacy: { Noise: not null, NoiseMultiplier: 0 }, Rounds.Count: > 0 and var planned } when rounds > planned => Text($"for ε = {order.Request.Privacy.Epsilon} there is as much of it as {planned} rounds need, and this would be one more"),
        { Privacy: { Noise: not null, NoiseMultiplier: > 0 and var noise } privacy } when PldAccountant.Guarantee([new PrivacyEvent(new SampledGaussian(noise), rounds)], privacy.Delta).Epsilon is var told && told > privacy.Epsilon =>
            Text($"with noise multiplier {noise} {rounds} rounds come to ε = {told:0.###} at δ {privacy.Delta}, and the run says that it spends at most {privacy.Epsilon}"),
        _ => null,
    };

    // ε of several runs add up; a run has its ε from its first round on, as more rounds may follow.
    private static string? WhyNot(double most, PartyOrder order, double spent) => order switch
    {
        { Request.Privacy: null } => "what is made of this run's updates carries no differential-privacy noise: it has no finite ε",
        { Evaluation: not null } => "no noise hides the sums of an evaluation: they have no finite ε",
        { Request.Privacy.Epsilon: var own } when !(own + spent <= most) => double.IsInfinity(spent)
            ? "the party has added to a run without differential-privacy noise within that time"
            : Text($"this run may spend {own}, beside {spent} of other runs"),
        _ => null,
    };

    /// <summary>What the coordinator is told of the data.</summary>
    /// <param name="data">The data.</param>
    /// <param name="unmatched">Items of it that the catalogue does not have; null before that is known.</param>
    /// <param name="readAt">When it was read.</param>
    /// <remarks>Items are not counted where there are so few users that the counts would tell of single ones.</remarks>
    public PartyReport ReportOf(RemoteTrainer data, int? unmatched, DateTimeOffset readAt)
    {
        var counts = data.Report.Users >= RemoteTrainer.FewestUsersToEvaluate;
        return data.Report with
        {
            MatchedItems = counts && AllowReports.Contains(s_reports[0]) ? data.Items - unmatched : null,
            UnmatchedItems = counts && AllowReports.Contains(s_reports[1]) ? unmatched : null,
            ReadAt = AllowReports.Contains(s_reports[2]) ? new DateTimeOffset(readAt.Ticks - (readAt.Ticks % TimeSpan.TicksPerMinute), readAt.Offset) : null,
        };
    }

    /// <summary>What is forbidden, in words.</summary>
    public string Words()
    {
        string?[] all =
        [
            ForbidModes.Count > 0 ? $"no runs in mode {string.Join(", ", ForbidModes)}" : null,
            AllowLearners is { } allowed ? $"no learner but {string.Join(", ", allowed)}" : null,
            DenyLearners.Count > 0 ? $"no learner {string.Join(", ", DenyLearners)}" : null,
            MinimumCohort > 1 ? Text($"no round that asks fewer than {MinimumCohort} clients") : null,
            RequireMasks ? "no update that is not masked" : null,
            RequireOwnNoise ? "no update without noise of its own" : null,
            RoundsPerDay is { } rounds ? Text($"no more than {rounds} rounds in 24 hours") : null,
            EpsilonPerDay is { } epsilon ? Text($"no more than ε = {epsilon} in 24 hours, of private runs only, and no evaluation") : null,
        ];
        return all.OfType<string>().ToArray() is { Length: > 0 } some ? string.Join("; ", some) + Told() : "nothing is forbidden" + Told();
    }

    private string Told() => AllowReports.Count > 0 ? $"; the coordinator is told {string.Join(", ", AllowReports)}" : "";

    private static PartyPolicy Parse(string text, FederationParts parts)
    {
        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new PolicyKeyException("is no object", $"Begin with {{ and a key; keys are {string.Join(", ", s_keys)}.");
        }

        var (policy, learners) = (new PartyPolicy(), parts.Learners.Select(learner => learner.Name).ToArray());
        foreach (var key in document.RootElement.EnumerateObject())
        {
            policy = key.Name switch
            {
                "forbidModes" => policy with { ForbidModes = Names(key, s_modes) },
                "allowLearners" => policy with { AllowLearners = Names(key, learners) },
                "denyLearners" => policy with { DenyLearners = Names(key, learners) },
                "minimumCohort" => policy with { MinimumCohort = Whole(key) },
                "roundsPerDay" => policy with { RoundsPerDay = Whole(key) },
                "requireMasks" => policy with { RequireMasks = Flag(key) },
                "requireOwnNoise" => policy with { RequireOwnNoise = Flag(key) },
                "epsilonPerDay" => policy with { EpsilonPerDay = Above0(key) },
                "allowReports" => policy with { AllowReports = Names(key, s_reports) },
                _ => throw new PolicyKeyException($"has the unknown key '{key.Name}'", NearestName.Sentence(key.Name, s_keys)),
            };
        }

        return policy is { AllowLearners: not null, DenyLearners.Count: > 0 }
            ? throw new PolicyKeyException("has both allowLearners and denyLearners", "Keep one: whatever is not in the list of those that are allowed is forbidden.") : policy;
    }

    private static string[] Names(JsonProperty key, string[] known)
    {
        var names = key.Value.ValueKind == JsonValueKind.Array && key.Value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String) ? key.Value.EnumerateArray().Select(one => one.GetString()!).ToArray() : [];
        return names.Length == 0 ? throw new PolicyKeyException($"has {key.Name} = {key.Value.GetRawText()}", $"Give a list of names, such as [\"{known[0]}\"], or leave the key out; known are {string.Join(", ", known)}.")
            : Array.Find(names, name => !known.Contains(name)) is { } other ? throw new PolicyKeyException($"has '{other}' in {key.Name}", NearestName.Sentence(other, known)) : names;
    }

    private static bool Flag(JsonProperty key) => key.Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? key.Value.GetBoolean()
        : throw new PolicyKeyException($"has {key.Name} = {key.Value.GetRawText()}", "Give true or false, or leave the key out.");

    private static int Whole(JsonProperty key) => key.Value.ValueKind == JsonValueKind.Number && key.Value.TryGetInt32(out var number) && number is > 0 and <= MostOfAnything ? number
        : throw new PolicyKeyException($"has {key.Name} = {key.Value.GetRawText()}", $"Give a whole number from 1 to {MostOfAnything:N0}, or leave the key out.");

    private static double Above0(JsonProperty key) => key.Value.ValueKind == JsonValueKind.Number && key.Value.TryGetDouble(out var number) && number > 0 && double.IsFinite(number) ? number
        : throw new PolicyKeyException($"has {key.Name} = {key.Value.GetRawText()}", "Give a number above 0, or leave the key out.");

    private static CliException Bad(string file, string what, string next, Exception cause) => new(ExitCode.BadConfiguration, $"The party's policy {file} {what}; the party does nothing by a policy that it cannot read.", next, cause);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class PolicyKeyException(string what, string next) : Exception(what)
    {
        public string Next => next;
    }
}
