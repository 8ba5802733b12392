using FedRec.Core.Aggregation;

namespace FedRec.Core.Federation;

/// <summary>One round of federated averaging as a state machine without clock, network or storage.</summary>
/// <remarks>Whoever drives it says what happened; it keeps the books, and its plan's <see cref="IRoundRules"/> say what follows. A submission is counted
/// whole or not at all, each client at most once, and only while collecting, so the order of events never changes the bytes of a given set of clients.
/// Bonawitz et al. 2019, arXiv:1902.01046, §2.2 (report goal, over-selection, quorum).</remarks>
public sealed class Round
{
    private readonly CohortLedger _cohort;
    private bool _isExpired;
    private bool _isUnmasked;

    /// <summary>Plans a round.</summary>
    /// <exception cref="ArgumentException">The plan contradicts itself.</exception>
    public Round(RoundPlan plan)
    {
        if (plan.Cohort.IsDefaultOrEmpty || (!plan.Asked.IsEmpty && !plan.Asked.Select(asked => asked.Client).SequenceEqual(plan.Cohort)) || plan.ReportGoal < 1 || plan.ReportGoal > plan.Cohort.Length
            || plan.Quorum < 1 || plan.Quorum > plan.ReportGoal)
        {
            throw new ArgumentException(
                $"Cohort {(plan.Cohort.IsDefault ? 0 : plan.Cohort.Length)}, report goal {plan.ReportGoal}, quorum {plan.Quorum}: need 1 ≤ quorum ≤ goal ≤ cohort, and what each was asked.", nameof(plan));
        }

        Plan = plan;
        Partial = plan.Aggregator.Empty(plan.UpdateLength, plan.Scale);
        _cohort = new CohortLedger(plan);
    }

    /// <summary>What was decided.</summary>
    public RoundPlan Plan { get; }

    /// <summary>Where the round stands.</summary>
    public RoundPhase Phase { get; private set; }

    /// <summary>Why the round was abandoned; null otherwise.</summary>
    public string? Reason { get; private set; }

    /// <summary>What the counted updates come to.</summary>
    public IPartial Partial { get; private set; }

    /// <summary>How many there are and what they weigh; with the mean, their sums too.</summary>
    public FixedPointSum Sum => Partial.Totals;

    /// <summary>True once no further update will be counted, and the sum of those that are can be read.</summary>
    public bool Closed => Phase is RoundPhase.Aggregating or RoundPhase.Committed or RoundPhase.Abandoned;

    /// <summary>Clients in one state.</summary>
    public int Count(ClientState state) => _cohort.Count(state);

    /// <summary>Clients that missed the close: known stragglers and whoever had not answered.</summary>
    public int Late => Count(ClientState.Straggling) + (Closed ? Count(ClientState.Outstanding) : 0);

    /// <summary>Clients in one state, in the order of the cohort: whom to ask again after a restart.</summary>
    public IEnumerable<int> Clients(ClientState state) => _cohort.Clients(state);

    /// <summary>Notes that the plan is durable and the clients are being asked.</summary>
    /// <exception cref="InvalidOperationException">The round is not planned.</exception>
    public void Open() => Move(RoundPhase.Planned, RoundPhase.Collecting);

    /// <summary>Offers what some updates come to.</summary>
    public SubmissionOutcome Submit(Submission submission) => Take(submission, Discounted(submission), isOwn: false);

    /// <summary>Takes in what this round had counted before a crash, whatever it was trained for: it is weighted already.</summary>
    public SubmissionOutcome Resume(Submission counted) => Take(counted, counted.Partial, isOwn: true);

    /// <summary>Notes that no update of a client will be counted, or only a late one. A counted client stays counted.</summary>
    /// <param name="client">A client of the cohort; others are ignored.</param>
    /// <param name="state"><see cref="ClientState.Dropped"/>, <see cref="ClientState.Straggling"/> or <see cref="ClientState.Rejected"/>.</param>
    public void Report(int client, ClientState state)
    {
        if (Phase == RoundPhase.Collecting && _cohort.Awaits(client))
        {
            _cohort.Set(client, state);
            Decide();
        }
    }

    /// <summary>Takes what the counted updates come to without their masks.</summary>
    /// <param name="opened">Of exactly the counted clients.</param>
    /// <exception cref="InvalidOperationException">The round is not unmasking.</exception>
    /// <exception cref="ArgumentException">It is masked, or of another number of clients.</exception>
    public void Unmask(IPartial opened)
    {
        if (Phase != RoundPhase.Unmasking)
        {
            throw new InvalidOperationException($"Round {Plan.Number} is {Phase}, not {RoundPhase.Unmasking}.");
        }

        if (!opened.IsOpen || opened.Totals.Clients != Partial.Totals.Clients)
        {
            throw new ArgumentException($"A sum of {opened.Totals.Clients} clients is not that of the {Partial.Totals.Clients} that are counted without their masks.", nameof(opened));
        }

        (Partial, _isUnmasked) = (opened, true);
        Decide();
    }

    /// <summary>Ends the round without a sum; does nothing when it has closed.</summary>
    /// <param name="reason">Why, for people.</param>
    public void Abandon(string reason)
    {
        if (!Closed)
        {
            (Phase, Reason) = (RoundPhase.Abandoned, reason);
        }
    }

    /// <summary>Notes that the deadline has passed; does nothing when the round has closed.</summary>
    public void Expire()
    {
        if (Phase is RoundPhase.Collecting or RoundPhase.Unmasking)
        {
            _isExpired = true;
            Decide();
        }
    }

    /// <summary>Notes that the server has taken its step.</summary>
    /// <exception cref="InvalidOperationException">The round is not aggregating.</exception>
    public void Commit() => Move(RoundPhase.Aggregating, RoundPhase.Committed);

    private IPartial? Discounted(Submission submission) => Plan.Rules.Admits(Plan, submission.Round, submission.BaseVersion)
        ? submission.Partial.Discounted(Plan.Rules.WeightOf(Plan, submission.Round), Plan.Rules.Unit) : null;

    private SubmissionOutcome Take(Submission submission, IPartial? weighted, bool isOwn)
    {
        var outcome = Check(submission, weighted, isOwn);
        if (outcome == SubmissionOutcome.Accepted)
        {
            Partial.Merge(weighted!);
            foreach (var client in submission.Clients)
            {
                _cohort.Set(client, ClientState.Counted);
            }

            Decide();
        }

        return outcome;
    }

    private SubmissionOutcome Check(Submission submission, IPartial? weighted, bool isOwn)
    {
        if (!Plan.Rules.Admits(Plan, submission.Round, submission.BaseVersion))
        {
            return SubmissionOutcome.Stale;
        }

        if (Phase != RoundPhase.Collecting)
        {
            return SubmissionOutcome.Late;
        }

        if (!Partial.IsLike(submission.Partial))
        {
            return SubmissionOutcome.WrongShape;
        }

        var totals = submission.Partial.Totals;
        if (submission.Clients.Count == 0 || submission.Clients.Count != totals.Clients || (submission.Partial.IsOpen && totals.Weight <= 0))
        {
            return SubmissionOutcome.Malformed;
        }

        var outcome = _cohort.Check(submission, isOwn);
        return outcome == SubmissionOutcome.Accepted && (weighted is null || !Partial.CanMerge(weighted)) ? SubmissionOutcome.Malformed : outcome;
    }

    private void Decide()
    {
        var tally = new RoundTally(
            Sum.Clients, Count(ClientState.Outstanding), Count(ClientState.Dropped), Count(ClientState.Straggling), Count(ClientState.Rejected), _isUnmasked, _isExpired);
        var before = Phase;
        (Phase, Reason) = Plan.Rules.Decide(Plan, before, tally);
        if (Phase == RoundPhase.Aggregating && !Partial.IsOpen)
        {
            throw new InvalidOperationException($"The rules of round {Plan.Number} aggregate what is masked still.");
        }

        _isExpired &= Phase == before; // each phase has a deadline of its own
    }

    private void Move(RoundPhase from, RoundPhase to) =>
        Phase = Phase == from ? to : throw new InvalidOperationException($"Round {Plan.Number} is {Phase}, not {from}.");
}
