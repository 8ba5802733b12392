namespace FedRec.Hosting;

/// <summary>The store cannot be used; the message says what is wrong and what to do, and needs no stack trace.</summary>
public sealed class StorageSetupException : Exception
{
    /// <summary>The end of every message that a person without the emulator needs.</summary>
    internal const string OtherWays =
        "or give the connection string of another store (--set FedRec:Storage:ConnectionString=…, or that key in the host's configuration), " +
        "or run without durable storage (--storage memory, or FedRec:Storage:Kind).";

    /// <summary>Says all in one sentence or two.</summary>
    /// <param name="message">What is wrong, and what to do.</param>
    /// <param name="inner">The cause.</param>
    public StorageSetupException(string message, Exception? inner = null)
        : base(message, inner) => What = message;

    /// <summary>Says what to do apart from what is wrong.</summary>
    /// <param name="what">What is wrong, and where.</param>
    /// <param name="next">What to do.</param>
    /// <param name="inner">The cause.</param>
    public StorageSetupException(string what, string next, Exception? inner = null)
        : base($"{what} {next}", inner) => (What, Next) = (what, next);

    /// <summary>What is wrong, and where.</summary>
    public string What { get; }

    /// <summary>What to do; null when <see cref="What"/> says it.</summary>
    public string? Next { get; }
}
