using FedRec.Core.Audits;

namespace FedRec.Cli.Audits;

/// <summary>The answer of <c>privacy audit</c>.</summary>
internal sealed record AuditReport
{
    /// <summary>What was audited.</summary>
    public required AuditSubject Subject { get; init; }

    /// <summary>Item-set inference, a row for each thing that a server sees; empty where it was not looked for.</summary>
    public IReadOnlyList<ItemSetLeak> ItemSets { get; init; } = [];

    /// <summary>Membership inference on released models.</summary>
    public IReadOnlyList<MembershipLeak> Membership { get; init; } = [];

    /// <summary>Attribute inference.</summary>
    public IReadOnlyList<AttributeLeak> Attributes { get; init; } = [];

    /// <summary>The canary audit of each seed.</summary>
    public IReadOnlyList<CanaryFindings> Canaries { get; init; } = [];

    /// <summary>What becomes of tampered item vectors.</summary>
    public IReadOnlyList<TamperFinding> Tampering { get; init; } = [];

    /// <summary>Probes that found nothing to look at, and why.</summary>
    public SortedDictionary<string, string> NotDone { get; init; } = [];

    /// <summary>Where the page and this report are.</summary>
    public required string Folder { get; init; }
}

/// <summary>What was audited, so that it can be done again.</summary>
/// <param name="Data">Short name of the data.</param>
/// <param name="Users">Users that were looked for.</param>
/// <param name="Items">Items of the catalogue.</param>
/// <param name="Learner">The learner.</param>
/// <param name="Options">Its options, as far as they were given.</param>
/// <param name="Rounds">Rounds of the released models.</param>
/// <param name="Cohort">Clients in a round; 0 for all.</param>
/// <param name="Aggregator"><c>mean</c> or <c>secure-mean</c>.</param>
/// <param name="ClipNorm">L2 norm of an update; 0 for no bound.</param>
/// <param name="Epsilon">ε that was asked for; null without privacy.</param>
/// <param name="Delta">δ of it.</param>
/// <param name="Seed">The first seed.</param>
/// <param name="Seeds">How many.</param>
internal sealed record AuditSubject(
    string Data, int Users, int Items, string Learner, IReadOnlyDictionary<string, string> Options, int Rounds, int Cohort, string Aggregator, double ClipNorm, double? Epsilon, double? Delta, ulong Seed, int Seeds)
{
    /// <summary>Whether updates are masked.</summary>
    public bool IsMasked => Aggregator != "mean";
}
