namespace FedRec.Cli.Azurite;

/// <summary>The local storage emulator cannot be used; the message says what is wrong and what to do, and needs no stack trace.</summary>
internal sealed class StorageSetupException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The end of every message that a person without the emulator needs.</summary>
    public const string OtherWays =
        "or give the connection string of another store (--set FedRec:Storage:ConnectionString=…), or run without durable storage (--storage memory).";
}
