using FedRec.Core.Aggregation;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>The weighted mean, of which whoever adds up learns the sums over all clients and nothing of one: clients send their updates masked (Bonawitz et al. 2017, ePrint 2017/281).</summary>
/// <remarks>The masks are whole numbers modulo 2^64, as the sums are: without them the sum is, bit by bit, that of <see cref="MeanAggregator"/>. Rounds unmask before they aggregate (<see cref="Federation.SecureRules"/>).</remarks>
/// <param name="suite">How keys are agreed on and statements signed.</param>
/// <param name="name">As <see cref="Name"/>. Default: <see cref="UsualName"/>.</param>
public sealed class SecureMean(SecureSuite suite, string name = SecureMean.UsualName) : IAggregator
{
    /// <summary>The name users select it by.</summary>
    public const string UsualName = "secure-mean";

    /// <summary>With the keys of <see cref="SecureSuite.Usual"/>.</summary>
    public static SecureMean Instance { get; } = new(SecureSuite.Usual);

    /// <summary>How keys are agreed on and statements signed.</summary>
    public SecureSuite Suite => suite;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool TakesDirectionsOnly => false;

    /// <inheritdoc/>
    public IAggregator Opened => MeanAggregator.Instance;

    /// <inheritdoc/>
    public IPartial Empty(int length, SumScale scale) => new MaskedUpdates(length, scale);

    /// <inheritdoc/>
    public IPartial Read(int length, ReadOnlyMemory<byte> encoded, FixedPointSum totals) => MaskedUpdates.Read(length, encoded, totals);
}
