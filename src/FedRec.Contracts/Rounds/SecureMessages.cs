using System.Collections.Immutable;

namespace FedRec.Contracts.Rounds;

/// <summary>A step of a round of secure aggregation: what its clients are asked for.</summary>
[GenerateSerializer, Alias("fedrec.secure-step")]
public enum SecureStep
{
    /// <summary>Their public keys of this round.</summary>
    Advertise = 0,

    /// <summary>Shares of their secrets for their neighbours.</summary>
    Share = 1,

    /// <summary>Their masked updates, which go into the sum and not to the round.</summary>
    Mask = 2,

    /// <summary>Their signature of whose updates are in the sum.</summary>
    Consent = 3,

    /// <summary>Shares of what has to be taken out of the sum.</summary>
    Unmask = 4,
}

/// <summary>A message of secure aggregation from or to one client, as <c>FedRec.Core</c> writes it.</summary>
/// <param name="Client">Number of the client.</param>
/// <param name="Bytes">The message.</param>
[GenerateSerializer, Immutable, Alias("fedrec.secure-message")]
public readonly record struct SecureMessage(
    [property: Id(0)] int Client,
    [property: Id(1)] ReadOnlyMemory<byte> Bytes);

/// <summary>What clients answer in a step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Session">Hash of all that server and clients have agreed on, 32 bytes: another try of the same round has another one.</param>
/// <param name="Messages">What they send.</param>
/// <param name="Failed">Clients that do not go on.</param>
[GenerateSerializer, Immutable, Alias("fedrec.secure-answers")]
public sealed record SecureAnswers(
    [property: Id(0)] SecureStep Step,
    [property: Id(1)] ReadOnlyMemory<byte> Session,
    [property: Id(2)] ImmutableArray<SecureMessage> Messages,
    [property: Id(3)] ImmutableArray<int> Failed);
