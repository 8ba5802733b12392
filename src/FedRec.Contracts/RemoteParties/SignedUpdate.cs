using System.Collections.Immutable;

namespace FedRec.Contracts.RemoteParties;

/// <summary>An update of a party as it has signed it, without the update itself: kept for as long as the party is, so that anybody can check later what a model was summed from.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.signed-update")]
public sealed record SignedUpdate
{
    /// <summary>The run, the round and the attempt.</summary>
    [Id(0)] public required PartyUpdateId Update { get; init; }

    /// <summary>The party's number as a client.</summary>
    [Id(1)] public required int Client { get; init; }

    /// <summary>As <see cref="PartyOrder.BaseVersion"/>.</summary>
    [Id(2)] public required long BaseVersion { get; init; }

    /// <summary>As <see cref="PartyOrder.Phase"/>.</summary>
    [Id(3)] public required string Phase { get; init; }

    /// <summary>SHA-256 of the base parameters.</summary>
    [Id(4)] public required string ModelSha256 { get; init; }

    /// <summary>SHA-256 of the catalogue.</summary>
    [Id(5)] public required string CatalogueSha256 { get; init; }

    /// <summary>SHA-256 of request and source.</summary>
    [Id(6)] public required string ConfigSha256 { get; init; }

    /// <summary>SHA-256 of the update's bytes: of a masked one, as it was sent.</summary>
    [Id(7)] public required string PayloadSha256 { get; init; }

    /// <summary>The key that has signed: P-256, SubjectPublicKeyInfo.</summary>
    [Id(8)] public required ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>ECDSA with SHA-256 over the statement; r and s of 32 bytes each.</summary>
    [Id(9)] public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>When it came, by the coordinator's clock.</summary>
    [Id(10)] public required DateTimeOffset At { get; init; }

    /// <summary>Whether its round has counted it; false while that is not known.</summary>
    [Id(11)] public bool IsCounted { get; init; }

    /// <summary>What was signed, from an order that was answered.</summary>
    public static SignedUpdate Of(PartyOrder order, string payloadSha256, ReadOnlyMemory<byte> publicKey, ReadOnlyMemory<byte> signature, DateTimeOffset at) => new()
    {
        Update = order.Update,
        Client = order.Client,
        BaseVersion = order.BaseVersion,
        Phase = order.Phase,
        ModelSha256 = order.ModelSha256,
        CatalogueSha256 = order.CatalogueSha256,
        ConfigSha256 = order.ConfigSha256,
        PayloadSha256 = payloadSha256,
        PublicKey = publicKey,
        Signature = signature,
        At = at,
    };
}

/// <summary>What a party has signed for a run.</summary>
/// <param name="Server">Id of the coordinator, as it is in the statements.</param>
/// <param name="Updates">Its updates, in the order in which they came: those that were counted, and those of which that is not known.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-signatures")]
public sealed record PartySignatures(
    [property: Id(0)] string Server,
    [property: Id(1)] ImmutableArray<SignedUpdate> Updates);
