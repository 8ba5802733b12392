namespace FedRec.Core.Federation;

/// <summary>Where a round stands: <c>Planned → Collecting → Aggregating → Committed</c>, or <c>→ Abandoned</c>; rules that need it unmask before they aggregate.</summary>
public enum RoundPhase
{
    /// <summary>Decided, nobody asked yet.</summary>
    Planned,

    /// <summary>Clients are asked; updates are counted.</summary>
    Collecting,

    /// <summary>Nothing further is counted, and those that are counted are asked for what the sum needs to be read.</summary>
    Unmasking,

    /// <summary>Closed with a quorum; the sum no longer changes.</summary>
    Aggregating,

    /// <summary>The server has taken its step.</summary>
    Committed,

    /// <summary>Closed without a quorum.</summary>
    Abandoned,
}

/// <summary>What becomes of a submission. Only <see cref="Accepted"/> changes the round.</summary>
public enum SubmissionOutcome
{
    /// <summary>Counted.</summary>
    Accepted,

    /// <summary>A client in it is counted already; nothing of it was counted again.</summary>
    Duplicate,

    /// <summary>The round has closed.</summary>
    Late,

    /// <summary>Trained for another round or from another version.</summary>
    Stale,

    /// <summary>A client in it was not asked.</summary>
    NotInvited,

    /// <summary>The number of values, or their scale, is not the plan's.</summary>
    WrongShape,

    /// <summary>Empty, or its weights or counts contradict each other, or its values are more than its clients can have sent.</summary>
    Malformed,
}

/// <summary>Where one client of the cohort stands.</summary>
public enum ClientState : byte
{
    /// <summary>Asked, no answer yet.</summary>
    Outstanding,

    /// <summary>In the sum.</summary>
    Counted,

    /// <summary>Unreachable, or its training failed.</summary>
    Dropped,

    /// <summary>Known to come after the deadline; counted all the same when it does not.</summary>
    Straggling,

    /// <summary>Sent something that cannot be added: not finite, out of range.</summary>
    Rejected,
}
