using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FedRec.Core.Aggregation;
using FedRec.Core.Updates;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>What a round is about. Whoever was told otherwise derives other masks and signs something else, so that a server that shows different things to different clients gets nothing.</summary>
/// <remarks>Against model inconsistency (Pasquini et al. 2021, arXiv:2111.07380) and tampered item features (RAIFLE, arXiv:2310.19163), which break any secure aggregation without it.</remarks>
/// <param name="Round">Names this try of this round; never used for another.</param>
/// <param name="ModelHash">Of the parameters that clients train from.</param>
/// <param name="CatalogueHash">Of the items.</param>
/// <param name="FeaturesHash">Of the items' features.</param>
/// <param name="ConfigurationHash">Of how clients train.</param>
public sealed record RoundBinding(string Round, string ModelHash, string CatalogueHash, string FeaturesHash, string ConfigurationHash);

/// <summary>One who may take part.</summary>
/// <param name="Number">Names it in the round, at least 0.</param>
/// <param name="Identity">Its long-term public key, as whoever uses it has pinned it: not what a server says at the moment.</param>
public sealed record Participant(int Number, ReadOnlyMemory<byte> Identity);

/// <summary>What the vectors are that are added up.</summary>
/// <param name="Length">Values of the update layout; the blocks of <see cref="UpdateLayout.Report"/> follow them under the same masks.</param>
/// <param name="Scale">How values are encoded, and for how many clients the sum cannot leave 64 bits.</param>
/// <param name="MostWeight">Largest weight of one client.</param>
/// <param name="Largest">Largest magnitude of weight · value, and of weight · loss, that one client must be able to add.</param>
public sealed record VectorPlan(int Length, SumScale Scale, double MostWeight, double Largest)
{
    /// <summary>Words of a masked vector.</summary>
    public int Words => checked(Length + UpdateLayout.Report.Length);
}

/// <summary>How keys are agreed on and statements signed.</summary>
/// <param name="Agreement">Between pairs of clients.</param>
/// <param name="Signatures">Of long-term keys.</param>
public sealed record SecureSuite(IKeyAgreement Agreement, ISignatureScheme Signatures)
{
    /// <summary>What .NET has everywhere: P-256 and ES256.</summary>
    public static SecureSuite Usual { get; } = new(P256Agreement.Instance, EcdsaP256.Instance);
}

/// <summary>All that server and clients must agree on before a round of secure aggregation begins; public. Holds no state.</summary>
public sealed class SecureRound
{
    private static readonly byte[] s_protocol = Encoding.ASCII.GetBytes("FedRec/SecAgg/v1");
    private readonly Dictionary<int, ReadOnlyMemory<byte>> _identities;
    private readonly byte[] _digest;

    /// <summary>A round.</summary>
    /// <param name="binding">What it is about.</param>
    /// <param name="roster">Who may take part; who does not come counts as gone away.</param>
    /// <param name="vector">What is added up.</param>
    /// <param name="randomness">32 bytes that everybody knows, see <see cref="NeighbourGraph"/>; may be empty for up to 100 clients.</param>
    /// <param name="strength">As for <see cref="NeighbourGraph"/>.</param>
    /// <param name="suite">Default: <see cref="SecureSuite.Usual"/>.</param>
    /// <exception cref="ArgumentException">The roster is too small, too large or names somebody twice; a sum could leave 64 bits, or one client add more than the scale encodes.</exception>
    public SecureRound(
        RoundBinding binding, IEnumerable<Participant> roster, VectorPlan vector, ReadOnlyMemory<byte> randomness = default,
        GraphStrength strength = GraphStrength.OneInTen, SecureSuite? suite = null)
    {
        (Binding, Vector, Suite) = (binding, vector, suite ?? SecureSuite.Usual);
        Participant[] sorted = [.. roster.OrderBy(one => one.Number)];
        Numbers = [.. sorted.Select(one => one.Number)];
        if (Array.Find(sorted, one => one.Number < 0) is not null || Numbers.Distinct().Count() != Numbers.Length)
        {
            throw new ArgumentException("Participants of a round have different numbers, from 0 on.", nameof(roster));
        }

        Graph = new NeighbourGraph(Numbers, randomness.Span, strength);
        _identities = sorted.ToDictionary(one => one.Number, one => one.Identity);
        ThrowIfItCouldOverflow(vector, Numbers.Length);
        _digest = SHA256.HashData(Describe(sorted, randomness, strength));
    }

    /// <summary>What it is about.</summary>
    public RoundBinding Binding { get; }

    /// <summary>What is added up.</summary>
    public VectorPlan Vector { get; }

    /// <summary>How keys are agreed on and statements signed.</summary>
    public SecureSuite Suite { get; }

    /// <summary>Numbers of those who may take part, ascending.</summary>
    public ImmutableArray<int> Numbers { get; }

    /// <summary>Who has masks in common with whom.</summary>
    public NeighbourGraph Graph { get; }

    /// <summary>SHA-256 of everything that is agreed on: equal for two exactly when all of it is.</summary>
    public ReadOnlyMemory<byte> Digest => _digest;

    /// <summary>What makes keys of this protocol others than those of any other that uses the same functions.</summary>
    internal static ReadOnlySpan<byte> Salt => s_protocol;

    /// <summary>What a sender signs.</summary>
    internal byte[] Statement(byte[] unsigned) => [.. s_protocol, .. _digest, .. unsigned];

    /// <summary>Whether a message was signed by whom it names, in this round.</summary>
    internal bool IsSigned(ISigned message) =>
        _identities.TryGetValue(message.Number, out var identity) && Suite.Signatures.IsSigned(identity.Span, Statement(message.Unsigned()), message.Signature.Span);

    /// <summary>A hash that is of this round, and of this purpose only.</summary>
    private byte[] Hash(string purpose, int from, int to, ReadOnlySpan<byte> secret)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256); // piece by piece, so that there is no second copy of the secret
        hash.AppendData(new WireWriter().Raw(s_protocol).Raw(_digest).Text(purpose).Int32(from).Int32(to).ToArray());
        hash.AppendData(secret);
        return hash.GetHashAndReset();
    }

    /// <summary>What binds a client to the seed of its own mask.</summary>
    internal byte[] Commitment(int number, ReadOnlySpan<byte> seed) => Hash("commitment", number, number, seed);

    /// <summary>What a share is known by when it is shown.</summary>
    internal byte[] Tag(int from, int to, SecretKind kind, ReadOnlySpan<byte> share) => Hash(kind == SecretKind.MaskKey ? "mask key" : "self mask", from, to, share)[..SealedShare.TagBytes];

    private static void ThrowIfItCouldOverflow(VectorPlan vector, int clients)
    {
        if (clients > vector.Scale.Clients || !(vector.Largest <= vector.Scale.Limit) || !(vector.MostWeight <= vector.Scale.Limit) || !vector.Scale.IsWeight(vector.MostWeight))
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"With {vector.Scale.Bits} fraction bits {vector.Scale.Clients} clients can add up to {vector.Scale.Limit} each, and not {clients} clients up to {vector.Largest} with weights up to ")
                + string.Create(CultureInfo.InvariantCulture, $"{vector.MostWeight}: the sum could wrap. Plan fewer fraction bits ({nameof(SumScale)}.{nameof(SumScale.For)}), fewer clients, or a smaller clip or weight."), nameof(vector));
        }
    }

    private byte[] Describe(Participant[] roster, ReadOnlyMemory<byte> randomness, GraphStrength strength) => new WireWriter().Raw(s_protocol)
        .Text(Binding.Round).Text(Binding.ModelHash).Text(Binding.CatalogueHash).Text(Binding.FeaturesHash).Text(Binding.ConfigurationHash)
        .Text(Suite.Agreement.Name).Text(Suite.Signatures.Name)
        .Int32(Vector.Length).Int32(Vector.Scale.Bits).Int32(Vector.Scale.Clients).Number(Vector.MostWeight).Number(Vector.Largest)
        .Blob(randomness.Span).Byte((byte)strength)
        .Each(roster, (one, writer) => writer.Int32(one.Number).Blob(one.Identity.Span)).ToArray();
}
