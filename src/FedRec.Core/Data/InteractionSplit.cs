namespace FedRec.Core.Data;

/// <summary>What an interaction is used for.</summary>
internal enum InteractionSplit : byte
{
    Train,
    Validation,
    Test,

    /// <summary>Not used: a later row tells of the same user and item.</summary>
    Merged,

    /// <summary>Not used: its kind counts nothing.</summary>
    LeftOut,
}
