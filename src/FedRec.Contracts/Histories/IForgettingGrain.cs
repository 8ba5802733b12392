using System.Collections.Immutable;
using FedRec.Contracts.Clients;

namespace FedRec.Contracts.Histories;

/// <summary>Keeps the certificate of one forgotten user; the key is <c>federation/hash</c> with a keyed hash of the user's id.</summary>
[Alias("fedrec.forgetting")]
public interface IForgettingGrain : IGrainWithStringKey
{
    /// <summary>Certifies that the user was forgotten; durable when it returns. May be repeated: as long as there is nothing new to say, the answer is the same to the byte.</summary>
    /// <param name="counted">Runs that may have counted the user.</param>
    /// <param name="interactions">Recorded interactions that were erased; null where that is not known. What was certified first holds.</param>
    /// <param name="keptStates">Kept states that were erased just now.</param>
    /// <param name="remains">Where data of the user may remain now.</param>
    /// <param name="retires">Whether versions that counted the user are retired now; once they are, they stay so.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been certified.</param>
    [Alias("issue"), ResponseTimeout("00:05:00")]
    Task<ForgettingCertificate> IssueAsync(
        ErasedChanges counted, int? interactions, int keptStates, ImmutableArray<string> remains, bool retires, CancellationToken cancellationToken = default);
}

/// <summary>Signs with the key of a federation's coordinator, by which its parties know it too; made with the first signature or invitation. The key is the federation's name.</summary>
[Alias("fedrec.server-key")]
public interface IServerKeyGrain : IGrainWithStringKey
{
    /// <summary>Signs a certificate.</summary>
    /// <returns>It with the coordinator's id, public key and signature.</returns>
    [Alias("sign-forgetting")]
    Task<ForgettingCertificate> SignAsync(ForgettingCertificate certificate, CancellationToken cancellationToken = default);
}

/// <summary>Answer to forgetting a user.</summary>
/// <param name="Receipt">Whether it was done, and if not, why.</param>
/// <param name="Certificate">What was done and what not; null when nothing was.</param>
[GenerateSerializer, Immutable, Alias("fedrec.forgetting-receipt")]
public sealed record ForgettingReceipt(
    [property: Id(0)] HistoryReceipt Receipt,
    [property: Id(1)] ForgettingCertificate? Certificate);
