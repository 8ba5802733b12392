using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using Orleans.Concurrency;

namespace FedRec.Contracts.Histories;

/// <summary>What a federation knows of its users as such: the key that their ids are hashed with, and who was forgotten; the key is the federation's name.</summary>
/// <remarks>A user's key is HMAC-SHA-256 of the id, 64 lower-case hexadecimal digits. The key is made once and never leaves the silos.</remarks>
[Alias("fedrec.user-registry")]
public interface IUserRegistryGrain : IGrainWithStringKey
{
    /// <summary>The federation's key; made by the first call, which also brings what was recorded by clients' numbers to its users.</summary>
    /// <exception cref="ArgumentException">Something was recorded by number, but the data of the last run cannot be read.</exception>
    [Alias("key")]
    Task<ReadOnlyMemory<byte>> GetKeyAsync(CancellationToken cancellationToken = default);

    /// <summary>Notes that a user is out; may be repeated.</summary>
    /// <param name="user">The user's key.</param>
    /// <param name="erased">Which runs count what was erased.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been noted.</param>
    [Alias("note-forgotten")]
    Task NoteForgottenAsync(string user, ErasedChanges erased, CancellationToken cancellationToken = default);

    /// <summary>Keys of the users who are out.</summary>
    [Alias("forgotten"), AlwaysInterleave]
    Task<ImmutableHashSet<string>> GetForgottenAsync(CancellationToken cancellationToken = default);

    /// <summary>Whether a run's model counts something of a forgotten user that is not known any more, so that it cannot be taken out of the model.</summary>
    /// <param name="run">Number of the run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("counts-erased"), AlwaysInterleave]
    Task<bool> CountsErasedAsync(int run, CancellationToken cancellationToken = default);
}
