namespace FedRec.Cli.Azurite;

/// <summary>What takes time while the emulator is set up: a whole sentence, or how far something has come.</summary>
/// <param name="Text">The sentence, or what is counted.</param>
/// <param name="Done">How many of it are done.</param>
/// <param name="Of">How many there are; 0 for a sentence.</param>
internal readonly record struct SetupStep(string Text, int Done = 0, int Of = 0)
{
    public static implicit operator SetupStep(string sentence) => new(sentence);
}
