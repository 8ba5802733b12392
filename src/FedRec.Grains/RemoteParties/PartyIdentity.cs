using FedRec.Contracts.RemoteParties;

namespace FedRec.Grains.RemoteParties;

/// <summary>Who a party is: by which keys it is known, and how these come and go. Each method says what the state is then, and stores nothing.</summary>
/// <param name="federation">The federation.</param>
/// <param name="party">Id of the party.</param>
/// <param name="time">Says what time it is.</param>
internal sealed class PartyIdentity(string federation, string party, TimeProvider time)
{
    /// <summary>The state after somebody has shown an invitation; the same where nothing changes.</summary>
    public (PartyJoinOutcome Outcome, PartyState State) Join(PartyState state, PartyJoin join)
    {
        if (state.Invitation is not { } invitation || PartyStatements.Sha256(join.Secret.Span) != invitation.SecretSha256)
        {
            return (PartyJoinOutcome.NotInvited, state);
        }

        if (!PartyKeys.IsSigned(join.PublicKey.Span, PartyStatements.OfJoin(federation, invitation.Server, party, join.Secret.Span, join.PublicKey.Span), join.Proof.Span))
        {
            return (PartyJoinOutcome.NotProven, state);
        }

        if (!state.PublicKey.IsEmpty)
        {
            return (state.PublicKey.Span.SequenceEqual(join.PublicKey.Span) ? PartyJoinOutcome.Pending : PartyJoinOutcome.Used, state);
        }

        return time.GetUtcNow() > invitation.Until ? (PartyJoinOutcome.Expired, state) : (PartyJoinOutcome.Pending, state with { PublicKey = join.PublicKey, Standing = PartyStanding.Pending });
    }

    /// <summary>The state with another key; the same where it has that one, or where the keys have not both signed.</summary>
    public (PartyRotationOutcome Outcome, PartyState State) Rotate(PartyState state, PartyRotation rotation)
    {
        var isDone = state.PublicKey.Span.SequenceEqual(rotation.PublicKey.Span); // whoever has not heard the answer asks again
        var from = isDone ? state.EarlierKey : state.PublicKey;
        if (state.Invitation is not { } invitation || from.IsEmpty)
        {
            return (PartyRotationOutcome.NotProven, state);
        }

        var statement = PartyStatements.OfRotation(federation, invitation.Server, party, from.Span, rotation.PublicKey.Span);
        return !PartyKeys.IsSigned(from.Span, statement, rotation.Signature.Span) || !PartyKeys.IsSigned(rotation.PublicKey.Span, statement, rotation.Proof.Span) ? (PartyRotationOutcome.NotProven, state)
            : (PartyRotationOutcome.Rotated, isDone ? state : state with { PublicKey = rotation.PublicKey, EarlierKey = from, KeyChanged = time.GetUtcNow() });
    }

    /// <summary>The key before the last change, while it is good; empty otherwise.</summary>
    public ReadOnlyMemory<byte> EarlierKey(PartyState state) => state.KeyChanged is { } changed && time.GetUtcNow() < changed + PartyLimits.KeyOverlap ? state.EarlierKey : default;

    /// <summary>The key of the party with which an update is signed for an order; empty when it is signed with none of them.</summary>
    public ReadOnlyMemory<byte> SignerOf(PartyState state, PartyOrder order, string sha256, ReadOnlySpan<byte> signature)
    {
        var statement = PartyStatements.OfUpdate(federation, state.Invitation!.Server, party, order, sha256);
        return PartyKeys.IsSigned(state.PublicKey.Span, statement, signature) ? state.PublicKey
            : EarlierKey(state) is { IsEmpty: false } earlier && PartyKeys.IsSigned(earlier.Span, statement, signature) ? earlier : default;
    }
}
