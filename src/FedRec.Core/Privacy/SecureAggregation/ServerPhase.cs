namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>What a server waits for.</summary>
public enum ServerPhase : byte
{
    /// <summary>Keys.</summary>
    Advertising,

    /// <summary>Shares of secrets.</summary>
    Sharing,

    /// <summary>Masked vectors.</summary>
    Collecting,

    /// <summary>Signatures of the list of survivors.</summary>
    Consenting,

    /// <summary>Shares of what has to be taken out of the sum.</summary>
    Unmasking,

    /// <summary>Nothing: the sum is known.</summary>
    Finished,

    /// <summary>Nothing: the round was given up.</summary>
    Abandoned,
}

/// <summary>What a server has found out about somebody.</summary>
public enum FindingKind : byte
{
    /// <summary>A holder says that the share of this dealer cannot be opened, or is not the one that was promised: one of the two is wrong, or the way between them.</summary>
    ShareNotOpened,

    /// <summary>This holder has shown another share than it was dealt, without saying so before.</summary>
    WrongShareShown,

    /// <summary>The shares of this dealer do not give back what it has advertised.</summary>
    WronglyDealt,
}

/// <summary>What a server has found out about somebody; the round may have gone on without.</summary>
/// <param name="Number">Of the client.</param>
/// <param name="Kind">What.</param>
/// <param name="By">Who says so; null where the server has seen it itself.</param>
public readonly record struct Finding(int Number, FindingKind Kind, int? By);
