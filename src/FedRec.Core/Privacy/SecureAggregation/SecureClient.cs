using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedRec.Core.Aggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>What a client of a round has done so far; each step is done once.</summary>
public enum ClientPhase : byte
{
    /// <summary>It has secrets, and has told nobody.</summary>
    Begun,

    /// <summary>It has sent its keys.</summary>
    Advertised,

    /// <summary>It has dealt shares of its secrets.</summary>
    Shared,

    /// <summary>It has sent its masked vector.</summary>
    Masked,

    /// <summary>It has signed whose vectors are in the sum, and will sign no other list.</summary>
    Consented,

    /// <summary>It has shown one share for each neighbour, or was told to forget; its secrets are gone.</summary>
    Erased,
}

/// <summary>One client in one round of secure aggregation: it takes the server's messages one after the other, and gives its own, or says why not.</summary>
/// <remarks>
/// Bonawitz et al. 2017, ePrint 2017/281, figure 4 with the parts against a server that does not keep to the protocol. A refused message changes nothing; what it was told wrong may be told right afterwards. It trusts the server
/// with nothing: keys are those that others signed with identities that the round's roster has pinned, and it shows shares only for a list of survivors that a threshold of clients has signed as well, once, and one kind for each.
/// <para>Not thread-safe. Whoever lets it live through a restart keeps <see cref="Export"/>, encrypted, together with the step's message before that leaves, so that it can be sent again; and never goes back to an older one,
/// which could sign two lists.</para>
/// </remarks>
public sealed partial class SecureClient : IDisposable
{
    private readonly SecureRound _round;
    private readonly ISigner _signer;
    private readonly ClientSecrets _secrets;
    private readonly ImmutableArray<int> _holders;
    private readonly SortedDictionary<int, PeerKeys> _peers = []; // neighbours that have advertised
    private readonly SortedDictionary<int, SecretBytes> _held = []; // by dealer, itself as well
    private ImmutableArray<int> _sharers = []; // U1
    private ImmutableArray<int> _survivors = []; // U2

    /// <summary>A client with fresh secrets.</summary>
    /// <param name="round">As the client knows it by itself, not as a server says.</param>
    /// <param name="number">Its own, in the roster.</param>
    /// <param name="signer">Of its long-term key, the one that the roster names.</param>
    /// <exception cref="ArgumentException">The roster has no such number.</exception>
    public SecureClient(SecureRound round, int number, ISigner signer)
        : this(round, number, signer, SecretKey.New())
    {
    }

    internal SecureClient(SecureRound round, int number, ISigner signer, SecretKey key)
    {
        (_round, Number, _signer, _secrets) = (round, number, signer, new ClientSecrets(round, number, key));
        _holders = round.Numbers.Contains(number) ? round.Graph.HoldersOf(number) : throw new ArgumentException($"Nobody in the roster has the number {number}.", nameof(number));
    }

    /// <summary>Its number in the round.</summary>
    public int Number { get; }

    /// <summary>Fewest survivors that it signs a list of, where these are more than the graph's quorum. Default: 0.</summary>
    public int Fewest { get; init; }

    /// <summary>What it has done so far.</summary>
    public ClientPhase Phase { get; private set; }

    /// <summary>Step 0: its keys.</summary>
    public Outcome<Advertisement> Advertise()
    {
        if (Phase != ClientPhase.Begun)
        {
            return OutOfOrder("advertise its keys");
        }

        Phase = ClientPhase.Advertised;
        var own = OwnKeys();
        return own with { Signature = Sign(own) };
    }

    /// <summary>Step 1: shares of its secrets for those neighbours whose keys stand up to every check.</summary>
    /// <param name="roll">What the server says that it and its neighbours have advertised.</param>
    public Outcome<SealedShares> Share(Roll roll)
    {
        if (Phase != ClientPhase.Advertised)
        {
            return OutOfOrder("deal shares");
        }

        if (CheckRoll(roll) is { } refusal)
        {
            return refusal;
        }

        using var deal = _secrets.OpenDeal();
        using var channel = _secrets.OpenChannelKey();
        var shares = ImmutableArray.CreateBuilder<SealedShare>(roll.Advertisements.Length);
        foreach (var peer in roll.Advertisements)
        {
            if (Seal(deal, channel, peer) is not { } share)
            {
                return NoKey(peer.Number, "channel");
            }

            shares.Add(share);
        }

        foreach (var peer in roll.Advertisements.Where(peer => peer.Number != Number))
        {
            _peers[peer.Number] = new PeerKeys(peer.MaskKey, peer.ChannelKey);
        }

        _held[Number] = deal.Share(PointOf(Number));
        Phase = ClientPhase.Shared;
        var message = new SealedShares(Number, shares.MoveToImmutable(), default);
        return message with { Signature = Sign(message) };
    }

    /// <summary>Step 2: its vector, masked. Of the shares dealt to it those that are missing or wrong are named; the round goes on without them as long as enough are there.</summary>
    /// <param name="delivery">Who has dealt, and what was dealt to it.</param>
    /// <param name="own">Its update as the sum of one client: of the round's length and scale, and no weightier than it allows. Not changed, and not kept.</param>
    public Outcome<MaskedInput> Mask(ShareDelivery delivery, FixedPointSum own)
    {
        if (Phase != ClientPhase.Shared)
        {
            return OutOfOrder("send its vector");
        }

        if ((CheckOwn(own) ?? CheckDelivery(delivery)) is { } refusal)
        {
            return refusal;
        }

        var held = Open(delivery);
        if (held.Count + 1 < _round.Graph.Threshold)
        {
            Forget(held);
            return new Refusal(RefusalReason.TooFew, null, $"Only {held.Count + 1} shares can be opened, its own among them, where {_round.Graph.Threshold} are needed: the server has changed or left out the others, or they were dealt wrong.");
        }

        byte[] words = [.. own.Encoded.Span, .. MemoryMarshal.AsBytes(own.Report)];
        if (AddMasks(MemoryMarshal.Cast<byte, long>(words.AsSpan()), delivery.Sharers) is { } wrong)
        {
            CryptographicOperations.ZeroMemory(words); // half of the masks hide nothing
            Forget(held);
            return wrong;
        }

        foreach (var (dealer, share) in held)
        {
            _held[dealer] = share;
        }

        (_sharers, Phase) = (delivery.Sharers, ClientPhase.Masked);
        var receipt = new InputReceipt(Number, [.. NeighboursIn(_sharers).Where(dealer => !_held.ContainsKey(dealer))], SHA256.HashData(words), default);
        return new MaskedInput(receipt with { Signature = Sign(receipt) }, words);
    }

    /// <summary>Step 3: its signature that it was told of these survivors. It signs one list.</summary>
    /// <param name="survivors">Whose vectors are in the sum.</param>
    public Outcome<Consent> Consent(Survivors survivors)
    {
        if (Phase != ClientPhase.Masked)
        {
            return OutOfOrder("sign a list of survivors");
        }

        if (CheckSurvivors(survivors.Numbers) is { } refusal)
        {
            return refusal;
        }

        (_survivors, Phase) = (survivors.Numbers, ClientPhase.Consented);
        var consent = new Consent(Number, SHA256.HashData(survivors.Encode()), default);
        return consent with { Signature = Sign(consent) };
    }

    /// <summary>Step 4: for each neighbour, and itself, one share: of its own mask's seed where its vector is in the sum, of its mask key where it is not. Then everything secret is erased.</summary>
    /// <param name="consents">What its neighbours have signed, and itself.</param>
    public Outcome<UnmaskShares> Unmask(ConsentList consents)
    {
        if (Phase != ClientPhase.Consented)
        {
            return OutOfOrder("show shares");
        }

        if (CheckConsents(consents) is { } refusal)
        {
            return refusal;
        }

        var shares = ImmutableArray.CreateBuilder<ShownShare>(_held.Count);
        foreach (var (dealer, share) in _held)
        {
            var kind = _survivors.BinarySearch(dealer) >= 0 ? SecretKind.SelfMask : SecretKind.MaskKey; // one list, so never both
            shares.Add(new ShownShare(dealer, kind, Deal.Part(share.Span, kind).ToArray()));
        }

        var message = new UnmaskShares(Number, shares.MoveToImmutable(), default);
        message = message with { Signature = Sign(message) };
        Dispose();
        return message;
    }

    /// <summary>Overwrites all secrets; it takes no more messages. For a round that is over or given up.</summary>
    public void Dispose()
    {
        _secrets.Erase();
        Forget(_held);
        _peers.Clear();
        Phase = ClientPhase.Erased;
    }

    private static void Forget(SortedDictionary<int, SecretBytes> shares)
    {
        foreach (var share in shares.Values)
        {
            share.Dispose();
        }

        shares.Clear();
    }

    private Refusal OutOfOrder(string what) => new(RefusalReason.OutOfOrder, Number, $"Client {Number} does not {what} now: it is in the phase {Phase}, and does each step once.");

    private byte[] Sign(ISigned message) => _signer.Sign(_round.Statement(message.Unsigned()));

    private IEnumerable<int> NeighboursIn(ImmutableArray<int> numbers) => _holders.Where(number => number != Number && numbers.BinarySearch(number) >= 0);
}
