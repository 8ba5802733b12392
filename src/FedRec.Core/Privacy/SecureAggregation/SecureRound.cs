using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FedRec.Core.Aggregation;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>All that server and clients must agree on before a round of secure aggregation begins; public. Holds no state.</summary>
public sealed class SecureRound
{
    private static readonly byte[] s_protocol = Encoding.ASCII.GetBytes("FedRec/SecAgg/v1");
    private readonly Dictionary<int, ReadOnlyMemory<byte>> _identities;
    private const int MostBits = 52; // of a double, in which values are before they are encoded
    private const int MostLength = int.MaxValue / 16; // so that bytes are counted in an int
    private readonly byte[] _encoded;
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

        if (!Enum.IsDefined(strength))
        {
            throw new ArgumentOutOfRangeException(nameof(strength), strength, "There is no such strength of a graph.");
        }

        Graph = new NeighbourGraph(Numbers, randomness.Span, strength);
        _identities = sorted.ToDictionary(one => one.Number, one => one.Identity);
        ThrowIfItCouldOverflow(vector, Numbers.Length);
        _encoded = Describe(sorted, randomness, strength);
        _digest = SHA256.HashData(_encoded);
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

    /// <summary>The identity of one who may take part.</summary>
    /// <param name="number">Of the roster.</param>
    public ReadOnlyMemory<byte> IdentityOf(int number) => _identities[number];

    /// <summary>Everything that is agreed on as it is sent.</summary>
    public byte[] Encode() => [.. _encoded];

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <remarks>A client believes none of it because a server says so: it compares <see cref="Binding"/> with what it works on, and each <see cref="IdentityOf"/> with its pins.</remarks>
    /// <param name="bytes">Anything.</param>
    /// <param name="suite">Default: <see cref="SecureSuite.Usual"/>.</param>
    /// <exception cref="InvalidDataException">It is damaged, of another suite, or of a round that is refused at its start, with the reason.</exception>
    public static SecureRound Decode(ReadOnlySpan<byte> bytes, SecureSuite? suite = null)
    {
        var reader = new WireReader(bytes);
        var known = suite ?? SecureSuite.Usual;
        if (!reader.Raw(s_protocol.Length).SequenceEqual(s_protocol))
        {
            throw WireReader.Damaged("it is no round of this protocol");
        }

        var binding = new RoundBinding(reader.Text(), reader.Text(), reader.Text(), reader.Text(), reader.Text());
        if (reader.Text() != known.Agreement.Name || reader.Text() != known.Signatures.Name)
        {
            throw WireReader.Damaged($"its keys or signatures are not {known.Agreement.Name} and {known.Signatures.Name}");
        }

        var (length, bits, clients, mostWeight, largest) = (reader.Int32(), reader.Int32(), reader.Int32(), reader.Number(), reader.Number());
        var (randomness, strength) = (reader.Blob(), (GraphStrength)reader.Byte());
        var roster = reader.Each(8, (ref part) => new Participant(part.Participant(), part.Blob()));
        reader.End();
        try
        {
            var round = new SecureRound(binding, roster, new VectorPlan(length, new SumScale(bits, clients), mostWeight, largest), randomness, strength, known);
            return round._encoded.AsSpan().SequenceEqual(bytes) ? round : throw WireReader.Damaged("it is not written in the one way that there is");
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"A message of secure aggregation cannot be read: {exception.Message}", exception);
        }
    }

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
        if (vector.Length is < 1 or > MostLength || vector.Scale.Bits is < 0 or > MostBits)
        {
            throw new ArgumentException($"{vector.Length} values of {vector.Scale.Bits} fraction bits are no vector that can be added up: 1 to {MostLength} values, and 0 to {MostBits} bits.", nameof(vector));
        }

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
