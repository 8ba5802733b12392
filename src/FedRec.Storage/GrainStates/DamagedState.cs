namespace FedRec.Storage.GrainStates;

/// <summary>What is read where the bytes of a state in the store are not those that were written. Whatever it is, no state comes of damaged bytes.</summary>
public enum DamagedState
{
    /// <summary>Nothing: it is an error that names the blob. Nobody but the store knows what it held.</summary>
    Refused,

    /// <summary>The copy that is written after each change, which may be of the change before; then the next change replaces what is damaged.</summary>
    KeptTwice,

    /// <summary>A state that was never written: its grain works out again what it held, and the next change replaces what is damaged.</summary>
    MadeAgain,
}
