using System.Collections.Immutable;
using System.Security.Cryptography;
using FedRec.Core.Aggregation;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>The server of a round of secure aggregation: it hands on what clients send, and learns the sum of those whose vectors arrived.</summary>
/// <remarks>
/// Bonawitz et al. 2017, ePrint 2017/281, figure 4. Clients may go away at every step: who has not sent a step's message when it is ended is not asked again, and the round goes on as long as a quorum is there. Who goes away before
/// it has dealt shares appears in no list afterwards. A message is taken or refused; taken again it changes nothing, another one of the same client is refused. It sees no vector: whoever adds them up gives it the
/// <see cref="MaskedSum"/> of exactly the survivors.
/// <para>Not thread-safe. <see cref="Export"/> is all its state: messages that were signed for it.</para>
/// </remarks>
public sealed partial class SecureServer
{
    private readonly SecureRound _round;
    private readonly SortedDictionary<int, Advertisement> _advertised = [];
    private readonly SortedDictionary<int, SealedShares> _dealt = [];
    private readonly SortedDictionary<int, InputReceipt> _received = [];
    private readonly SortedDictionary<int, Consent> _consented = [];
    private readonly SortedDictionary<int, UnmaskShares> _shown = [];
    private readonly HashSet<(int Holder, int Dealer)> _wrong = []; // what was shown and is not what was dealt
    private readonly SortedSet<(int Number, FindingKind Kind, int By)> _findings = [];
    private ImmutableArray<int> _advertisers = []; // U0
    private ImmutableArray<int> _sharers = []; // U1
    private ImmutableArray<int> _survivors = []; // U2
    private ImmutableArray<int> _consenters = []; // U3

    /// <summary>A server that waits for keys.</summary>
    /// <param name="round">As its clients know it.</param>
    public SecureServer(SecureRound round) => _round = round;

    /// <summary>What it waits for.</summary>
    public ServerPhase Phase { get; private set; }

    /// <summary>Why the round was given up; null when it was not.</summary>
    public Refusal? Failure { get; private set; }

    /// <summary>What was found out about clients, in order of their numbers.</summary>
    public ImmutableArray<Finding> Findings => [.. _findings.Select(one => new Finding(one.Number, one.Kind, one.By < 0 ? null : one.By))];

    /// <summary>Whose message of this step is expected, ascending.</summary>
    public ImmutableArray<int> Expected => Phase switch
    {
        ServerPhase.Advertising => _round.Numbers,
        ServerPhase.Sharing => _advertisers,
        ServerPhase.Collecting => _sharers,
        ServerPhase.Consenting => _survivors,
        ServerPhase.Unmasking => _consenters,
        _ => [],
    };

    /// <summary>Takes the keys of a client.</summary>
    /// <returns>Null when they were taken, now or before.</returns>
    public Refusal? Accept(Advertisement message) => Take(ServerPhase.Advertising, message, _advertised, Check);

    /// <summary>Ends the step of keys.</summary>
    /// <returns>Null when the round goes on; otherwise it is given up.</returns>
    public Refusal? EndAdvertising() => End(ServerPhase.Advertising, () => _advertisers = Reachable(_advertised.Keys), _advertised.Count, "have advertised keys");

    /// <summary>What a client is told then.</summary>
    /// <param name="number">Of one who has advertised keys.</param>
    /// <exception cref="ArgumentException">It has not, or the step is not over.</exception>
    public Roll RollOf(int number) => new([.. In(_advertisers, HoldersOf(number, _advertisers)).Select(peer => _advertised[peer])]);

    /// <summary>Takes the shares that a client has dealt.</summary>
    /// <returns>Null when they were taken, now or before.</returns>
    public Refusal? Accept(SealedShares message) => Take(ServerPhase.Sharing, message, _dealt, Check);

    /// <summary>Ends the step of shares.</summary>
    /// <returns>Null when the round goes on; otherwise it is given up.</returns>
    public Refusal? EndSharing() => End(ServerPhase.Sharing, () => _sharers = Reachable(_dealt.Keys), _dealt.Count, "have dealt shares");

    /// <summary>What a client is told then.</summary>
    /// <param name="number">Of one who has dealt shares.</param>
    /// <exception cref="ArgumentException">It has not, or the step is not over.</exception>
    public ShareDelivery DeliveryOf(int number) =>
        new(_sharers, [.. In(_sharers, HoldersOf(number, _sharers)).Where(dealer => dealer != number).Select(dealer => new DealtShare(dealer, ShareOf(dealer, number)!))]);

    /// <summary>Takes the receipt of a client's masked vector; its words go to whoever adds up, if their hash is the receipt's (<see cref="IsOf"/>).</summary>
    /// <returns>Null when it was taken, now or before.</returns>
    public Refusal? Accept(InputReceipt message)
    {
        var refusal = Take(ServerPhase.Collecting, message, _received, Check);
        foreach (var dealer in refusal is null ? message.Unopened : [])
        {
            Note(dealer, FindingKind.ShareNotOpened, message.Number);
        }

        return refusal;
    }

    /// <summary>Whether words are those of which a receipt tells; needs no server, so that a silo can look by itself.</summary>
    /// <param name="round">The round.</param>
    /// <param name="input">What a client has sent.</param>
    public static bool IsOf(SecureRound round, MaskedInput input) =>
        input.Words.Length == round.Vector.Words * sizeof(long) && SHA256.HashData(input.Words.Span).AsSpan().SequenceEqual(input.Receipt.VectorHash.Span) && round.IsSigned(input.Receipt);

    /// <summary>Ends the step of vectors: those that are in the sum are the survivors.</summary>
    /// <param name="summed">Whose vectors are in the sum, ascending: <see cref="MaskedSum.Clients"/> of all of it.</param>
    /// <returns>Null when the round goes on; otherwise it is given up.</returns>
    /// <exception cref="ArgumentException">A vector is in the sum whose receipt was not taken.</exception>
    public Refusal? EndCollecting(ImmutableArray<int> summed)
    {
        if (Phase == ServerPhase.Collecting && !SecureClient.AreAscending(summed, [.. _received.Keys]))
        {
            throw new ArgumentException("The sum has a vector whose receipt was not taken, or its clients are not ascending: the round's sum was not made of what the server has taken.", nameof(summed));
        }

        return End(ServerPhase.Collecting, () => _survivors = summed, summed.Length, "have sent their vectors") ?? AbandonIfLost(_survivors);
    }

    /// <summary>What all survivors are told then.</summary>
    public Survivors Survivors => new(_survivors);

    /// <summary>Takes a client's signature of the survivors.</summary>
    /// <returns>Null when it was taken, now or before.</returns>
    public Refusal? Accept(Consent message) => Take(ServerPhase.Consenting, message, _consented, Check);

    /// <summary>Ends the step of signatures.</summary>
    /// <returns>Null when the round goes on; otherwise it is given up.</returns>
    public Refusal? EndConsenting() => End(ServerPhase.Consenting, () => _consenters = [.. _consented.Keys], _consented.Count, "have signed the list of survivors") ?? AbandonIfLost(_consenters);

    /// <summary>What a client is told then.</summary>
    /// <param name="number">Of one who has signed.</param>
    /// <exception cref="ArgumentException">It has not, or the step is not over.</exception>
    public ConsentList ConsentsOf(int number) => new([.. In(_consenters, HoldersOf(number, _consenters)).Select(peer => _consented[peer])]);

    /// <summary>Takes the shares that a client shows.</summary>
    /// <returns>Null when they were taken, now or before.</returns>
    public Refusal? Accept(UnmaskShares message)
    {
        var refusal = Take(ServerPhase.Unmasking, message, _shown, Check);
        if (refusal is null && Phase == ServerPhase.Unmasking)
        {
            FindWrong(message);
        }

        return refusal;
    }

    /// <summary>Whether enough was shown to take out all masks; what was shown wrong does not count.</summary>
    public bool CanFinish => Phase == ServerPhase.Unmasking && FirstLost([.. _shown.Keys]) is null;

    /// <summary>Ends the round: takes the masks out, and finds the sum of exactly the survivors.</summary>
    /// <param name="sum">Of the survivors' masked vectors; not changed.</param>
    /// <returns>The same bytes as the sum of the same clients without masks; its largest weight is the plan's, as nobody knows that of one. Otherwise why not: then the round is given up, and nothing that was shown is kept.</returns>
    /// <exception cref="ArgumentException">The sum is not of the survivors.</exception>
    public Outcome<FixedPointSum> Finish(MaskedSum sum)
    {
        if (Phase != ServerPhase.Unmasking)
        {
            return OutOfOrder(ServerPhase.Unmasking);
        }

        if (sum.Words != _round.Vector.Words || !sum.Clients.SequenceEqual(_survivors))
        {
            throw new ArgumentException($"A sum of {sum.Clients.Length} clients and {sum.Words} words is not that of the {_survivors.Length} survivors with {_round.Vector.Words} words.", nameof(sum));
        }

        if (AbandonIfLost([.. _shown.Keys]) is { } lost)
        {
            return lost;
        }

        var outcome = Unmask(sum);
        if (outcome.Refusal is { } refusal)
        {
            return Abandon(refusal);
        }

        Phase = ServerPhase.Finished;
        _shown.Clear();
        return outcome;
    }

    private static IEnumerable<int> In(ImmutableArray<int> some, ImmutableArray<int> others) => others.Where(number => some.BinarySearch(number) >= 0);

    private ImmutableArray<int> HoldersOf(int number, ImmutableArray<int> here) => here.BinarySearch(number) >= 0 ? _round.Graph.HoldersOf(number)
        : throw new ArgumentException($"{number} has not sent its message of this step, or the step is not over; the round is in the phase {Phase}.", nameof(number));

    private Refusal? Take<T>(ServerPhase phase, T message, SortedDictionary<int, T> taken, Func<T, Refusal?> check)
        where T : class, ISigned
    {
        if (taken.TryGetValue(message.Number, out var before))
        {
            return before.Unsigned().AsSpan().SequenceEqual(message.Unsigned()) ? null
                : new(RefusalReason.Repeated, message.Number, $"Another message of {message.Number} was taken in this step before.");
        }

        var refusal = Phase != phase ? OutOfOrder(phase)
            : Expected.BinarySearch(message.Number) < 0 ? new(RefusalReason.Unknown, message.Number, $"{message.Number} is not asked in this step: it does not take part, or has gone away before.")
            : check(message)
            ?? (_round.IsSigned(message) ? null : new(RefusalReason.NotSigned, message.Number, $"The message is not signed with the identity of {message.Number}, or not for this round."));
        if (refusal is null)
        {
            taken[message.Number] = message;
        }

        return refusal;
    }

    private Refusal? End(ServerPhase phase, Func<ImmutableArray<int>> whoIsHere, int answered, string what)
    {
        if (Phase != phase)
        {
            return OutOfOrder(phase);
        }

        var here = whoIsHere();
        if (here.Length < _round.Graph.Quorum)
        {
            return Abandon(new(RefusalReason.TooFew, null, $"Only {answered} of {_round.Numbers.Length} clients {what}, where {_round.Graph.Quorum} are needed, each with {_round.Graph.Threshold} of its neighbours and itself."));
        }

        Phase = phase + 1;
        return null;
    }

    private Refusal? AbandonIfLost(ImmutableArray<int> holders) => FirstLost(holders) is { } lost ? Abandon(lost) : null;

    // Nothing that was shown is kept: a round that is given up has unmasked nobody.
    private Refusal Abandon(Refusal refusal)
    {
        (Phase, Failure) = (ServerPhase.Abandoned, refusal);
        _shown.Clear();
        return refusal;
    }

    private Refusal OutOfOrder(ServerPhase phase) => Failure ?? new(RefusalReason.OutOfOrder, null, $"This is for the phase {phase}, and the round is in the phase {Phase}.");
}
