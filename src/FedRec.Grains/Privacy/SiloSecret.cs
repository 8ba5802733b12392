using FedRec.Core.Randomness;

namespace FedRec.Grains.Privacy;

/// <summary>The secret key of a silo, the same on every silo of a cluster: from it the noise and the draws of private runs follow, and the keys of its clients in secure aggregation. Never stored by the grains, sent or logged.</summary>
/// <param name="find">Finds it, or makes it; null where the silo has none, and private runs are refused.</param>
public sealed class SiloSecret(Func<SecretKey>? find)
{
    private readonly SiloSecret? _root;
    private readonly Lazy<SecretKey>? _key = find is null ? null : new(find, LazyThreadSafetyMode.PublicationOnly); // looked for again where it was not there

    private SiloSecret(SiloSecret root, Func<SecretKey> find)
        : this(find) => _root = root;

    /// <summary>The secret key itself, of which that of a run was made.</summary>
    public SiloSecret Root => _root ?? this;

    /// <summary>No key.</summary>
    public static SiloSecret None { get; } = new(null);

    /// <summary>The key.</summary>
    /// <exception cref="ArgumentException">There is none; the message says where one is set.</exception>
    public SecretKey Key => _key?.Value ?? throw new ArgumentException(
        "Privacy or secure aggregation is asked for, but this silo has no secret key to draw noise and keys from. Give every silo of the cluster the same one: FedRec:Privacy:KeyFile, a file of 32 random bytes that nobody else may read.");

    /// <summary>A key for one start of a run: a run of the same name, of a federation that was deleted and begun again, draws nothing that this one has drawn.</summary>
    /// <param name="startedAt">When it was started.</param>
    public SiloSecret For(DateTimeOffset startedAt) => find is null ? this : new(Root, () =>
    {
        using var stream = Key.Stream("fedrec run", BitConverter.GetBytes(startedAt.UtcTicks));
        var bytes = new byte[SecretKey.Length];
        stream.Fill(bytes);
        return new SecretKey(bytes);
    });

    /// <summary>Nothing of the key.</summary>
    public override string ToString() => "(secret)";
}
