using FedRec.Core.Randomness;

namespace FedRec.Core.Privacy.SecureAggregation;

// What a client keeps through a restart.
public sealed partial class SecureClient
{
    /// <summary>Everything that the client must know to go on, its secrets included: for encrypted memory that is overwritten when the round is over, and for nothing else.</summary>
    public byte[] Export() => new WireWriter(MessageKind.ClientState, 1024 + (_peers.Count * (16 + (2 * _round.Suite.Agreement.PublicKeyBytes))) + (_held.Count * (4 + Deal.Bytes)) + (4 * (_sharers.Length + _survivors.Length)))
        .Raw(_round.Digest.Span).Int32(Number).Byte((byte)Phase).Raw(_secrets.Key)
        .Each(_peers, (peer, writer) => writer.Int32(peer.Key).Blob(peer.Value.MaskKey.Span).Blob(peer.Value.ChannelKey.Span))
        .Each(_held, (held, writer) => writer.Int32(held.Key).Raw(held.Value.Span))
        .Numbers(_sharers).Numbers(_survivors).ToArray();

    /// <summary>The client that wrote <see cref="Export"/>.</summary>
    /// <param name="round">As at the client's beginning.</param>
    /// <param name="signer">As at the client's beginning.</param>
    /// <param name="state">What was exported last; not changed.</param>
    /// <param name="fewest">As <see cref="Fewest"/>, at the client's beginning. Default: 0.</param>
    /// <exception cref="InvalidDataException">It is damaged, or of another round.</exception>
    public static SecureClient Import(SecureRound round, ISigner signer, ReadOnlySpan<byte> state, int fewest = 0)
    {
        var reader = new WireReader(state, MessageKind.ClientState);
        if (!reader.Raw(Advertisement.HashBytes).SequenceEqual(round.Digest.Span))
        {
            throw WireReader.Damaged("this state of a client is of another round");
        }

        var number = reader.Participant();
        var phase = (ClientPhase)reader.Byte();
        if (phase > ClientPhase.Erased || !round.Numbers.Contains(number))
        {
            throw WireReader.Damaged($"there is no client {number} in phase {phase}");
        }

        var client = new SecureClient(round, number, signer, new SecretKey(reader.Raw(SecretKey.Length))) { Phase = phase, Fewest = fewest };
        foreach (var (peer, keys) in reader.Each(12, (ref part) => (part.Participant(), new PeerKeys(part.Blob(), part.Blob()))))
        {
            client._peers[peer] = keys;
        }

        foreach (var (dealer, share) in reader.Each(4 + Deal.Bytes, (ref part) => (part.Participant(), new SecretBytes(part.Raw(Deal.Bytes)))))
        {
            client._held[dealer] = share;
        }

        (client._sharers, client._survivors) = (reader.Numbers(), reader.Numbers());
        reader.End();
        return client;
    }
}
