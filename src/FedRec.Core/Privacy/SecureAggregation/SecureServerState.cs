namespace FedRec.Core.Privacy.SecureAggregation;

// What a server keeps through a restart.
public sealed partial class SecureServer
{
    /// <summary>Everything that the server must know to go on: what it has taken so far. Shares that were shown are secret until the round is over.</summary>
    public byte[] Export()
    {
        var writer = new WireWriter(MessageKind.ServerState).Raw(_round.Digest.Span).Byte((byte)Phase).Byte((byte)(Failure is null ? 0 : 1));
        if (Failure is { } failure)
        {
            writer.Byte((byte)failure.Reason).Int32(failure.Number ?? -1).Text(failure.Text);
        }

        return writer.Numbers(_advertisers).Numbers(_sharers).Numbers(_survivors).Numbers(_consenters)
            .Each(_findings, (one, part) => part.Int32(one.Number).Byte((byte)one.Kind).Int32(one.By))
            .Each(_advertised.Values, (one, part) => part.Blob(one.Encode())).Each(_dealt.Values, (one, part) => part.Blob(one.Encode()))
            .Each(_received.Values, (one, part) => part.Blob(one.Encode())).Each(_consented.Values, (one, part) => part.Blob(one.Encode()))
            .Each(_shown.Values, (one, part) => part.Blob(one.Encode())).ToArray();
    }

    /// <summary>The server that wrote <see cref="Export"/>.</summary>
    /// <param name="round">As at the server's beginning.</param>
    /// <param name="state">What was exported; signatures in it were checked before, and are not again.</param>
    /// <exception cref="InvalidDataException">It is damaged, or of another round.</exception>
    public static SecureServer Import(SecureRound round, ReadOnlySpan<byte> state)
    {
        var reader = new WireReader(state, MessageKind.ServerState);
        if (!reader.Raw(Advertisement.HashBytes).SequenceEqual(round.Digest.Span))
        {
            throw WireReader.Damaged("this state of a server is of another round");
        }

        var server = new SecureServer(round) { Phase = reader.Byte() is <= (byte)ServerPhase.Abandoned and var phase ? (ServerPhase)phase : throw WireReader.Damaged("a server has no such phase") };
        if (reader.Byte() != 0)
        {
            var (reason, number) = ((RefusalReason)reader.Byte(), reader.Int32());
            server.Failure = new Refusal(reason, number < 0 ? null : number, reader.Text());
        }

        (server._advertisers, server._sharers, server._survivors, server._consenters) = (reader.Numbers(), reader.Numbers(), reader.Numbers(), reader.Numbers());
        server._findings.UnionWith(reader.Each(9, (ref part) => (part.Participant(), (FindingKind)part.Byte(), part.Int32())));
        Read(ref reader, server._advertised, bytes => Advertisement.Decode(bytes.Span));
        Read(ref reader, server._dealt, bytes => SealedShares.Decode(bytes.Span));
        Read(ref reader, server._received, bytes => InputReceipt.Decode(bytes.Span));
        Read(ref reader, server._consented, bytes => Consent.Decode(bytes.Span));
        Read(ref reader, server._shown, bytes => UnmaskShares.Decode(bytes.Span));
        reader.End();
        foreach (var message in server._shown.Values)
        {
            server.FindWrong(message);
        }

        return server;
    }

    private static void Read<T>(ref WireReader reader, SortedDictionary<int, T> taken, Func<ReadOnlyMemory<byte>, T> decode)
        where T : class, ISigned
    {
        foreach (var message in reader.Each(4, (ref part) => part.Blob()).Select(decode))
        {
            taken[message.Number] = message;
        }
    }
}
