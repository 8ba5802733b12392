namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>Why a message was not taken, or a round not gone on with.</summary>
public enum RefusalReason
{
    /// <summary>It belongs to another step than the one that is on, or the round is over.</summary>
    OutOfOrder,

    /// <summary>It is about another round, roster, model, catalogue, features, configuration or vector.</summary>
    OtherRound,

    /// <summary>It names somebody who does not take part, or is no neighbour.</summary>
    Unknown,

    /// <summary>It is not signed with the key that is known of its sender.</summary>
    NotSigned,

    /// <summary>What the client has advertised itself is missing, or was changed.</summary>
    OwnKeyChanged,

    /// <summary>A key is none, or used twice.</summary>
    WrongKey,

    /// <summary>Fewer take part, or can be reached, than the threshold asks for.</summary>
    TooFew,

    /// <summary>Lists of participants contradict each other: of two messages, or of a message and what went before.</summary>
    Contradiction,

    /// <summary>Another message of that sender for that step was taken before.</summary>
    Repeated,

    /// <summary>A part is missing, too much, or of another length.</summary>
    WrongShape,

    /// <summary>A number is larger than one client may add, or the sum larger than all of them.</summary>
    TooLarge,

    /// <summary>Shares do not give back what their dealer has promised.</summary>
    Unrecoverable,
}

/// <summary>What was refused and why. Nothing was changed by it, but that a server may have given the round up.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Number">Whose message, key or share it is about; null where it is nobody's in particular.</param>
/// <param name="Text">For people: what, where, what next. Holds no secret.</param>
public sealed record Refusal(RefusalReason Reason, int? Number, string Text);

/// <summary>What a step gives: its message, or why not.</summary>
/// <typeparam name="T">The message.</typeparam>
/// <param name="Value">Null when it was refused.</param>
/// <param name="Refusal">Null when it was not.</param>
public readonly record struct Outcome<T>(T? Value, Refusal? Refusal)
    where T : class
{
    /// <summary>The message.</summary>
    public static implicit operator Outcome<T>(T value) => FromT(value);

    /// <summary>The refusal.</summary>
    public static implicit operator Outcome<T>(Refusal refusal) => FromRefusal(refusal);

    /// <summary>The message.</summary>
#pragma warning disable CA1000 // the names that the conversions ask for
    public static Outcome<T> FromT(T value) => new(value, null);

    /// <summary>The refusal.</summary>
    public static Outcome<T> FromRefusal(Refusal refusal) => new(null, refusal);
#pragma warning restore CA1000
}
