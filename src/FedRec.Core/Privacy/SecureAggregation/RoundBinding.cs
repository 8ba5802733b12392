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
