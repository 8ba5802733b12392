using FedRec.Core.Updates;

namespace FedRec.Core.Aggregation;

/// <summary>Makes one thing of many clients' updates. Holds no state.</summary>
public interface IAggregator
{
    /// <summary>The name users select it by.</summary>
    string Name { get; }

    /// <summary>Whether it takes directions only, as it gives no exact sums; then every client counts alike.</summary>
    bool TakesDirectionsOnly { get; }

    /// <summary>What reads the sum of a closed round: another one where updates are masked until then. Default: itself.</summary>
    IAggregator Opened => this;

    /// <summary>The aggregator for updates of one layout, where it goes by their rows: whoever closes a partial aggregate has it. Default: itself, as it goes by places.</summary>
    /// <param name="layout">Of the updates of a run that trains.</param>
    IAggregator WithLayout(UpdateLayout layout) => this;

    /// <summary>A partial aggregate of nobody.</summary>
    /// <param name="length">Values of the update layout.</param>
    /// <param name="scale">Of the plan.</param>
    IPartial Empty(int length, SumScale scale);

    /// <summary>A partial aggregate that travelled.</summary>
    /// <param name="length">Values of the update layout.</param>
    /// <param name="encoded">As <see cref="IPartial.Encoded"/>; kept, not copied.</param>
    /// <param name="totals">As <see cref="IPartial.Totals"/>.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    IPartial Read(int length, ReadOnlyMemory<byte> encoded, FixedPointSum totals);
}

/// <summary>What some clients' updates come to so far; two of them merge, in any order. Not thread-safe.</summary>
public interface IPartial
{
    /// <summary>Clients, weights, loss and examples.</summary>
    FixedPointSum Totals { get; }

    /// <summary>Whether it can be read what the updates come to; not while they are masked. Default: true.</summary>
    bool IsOpen => true;

    /// <summary>As it travels; must not be changed after it was sent.</summary>
    ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>Adds one client, in full or not at all.</summary>
    /// <returns>False, with nothing added, when <see cref="FindFault"/> finds one.</returns>
    bool TryAdd(int client, ClientUpdate update);

    /// <summary>What is wrong with an update; null when it can be added.</summary>
    AggregationFault? FindFault(ClientUpdate update);

    /// <summary>Whether another one is of the same layout and encoding.</summary>
    bool IsLike(IPartial other);

    /// <summary>Whether another one can be merged: no more clients than planned, and nothing that leaves 64 bits.</summary>
    bool CanMerge(IPartial other);

    /// <summary>Whether one client could have sent it, through <see cref="TryAdd"/>: what arrives added up was added by somebody else. Default: by its totals alone.</summary>
    /// <param name="scale">Of the plan.</param>
    /// <param name="mostWeight">The most that the client can weigh.</param>
    bool IsOfOne(SumScale scale, double mostWeight) => Totals.IsReportOfOne(scale, mostWeight);

    /// <summary>The same updates in larger units, of which each moves the mean by a part only. Default: none but by the whole.</summary>
    /// <param name="part">What the values count, 1 to <paramref name="unit"/>.</param>
    /// <param name="unit">What the weights count, so that a mean of discounted values alone is the smaller.</param>
    /// <returns>Itself for a unit of 1; null where updates cannot count in part, or it would leave 64 bits.</returns>
    IPartial? Discounted(int part, int unit) => unit == 1 ? this : null;

    /// <summary>Takes another one in.</summary>
    /// <exception cref="ArgumentException"><see cref="CanMerge"/> does not hold; nothing was taken in.</exception>
    void Merge(IPartial other);

    /// <summary>What all of them come to.</summary>
    IAggregate Close();

    /// <summary>Gives memory of the size of a model back, that of what was taken in as well: for whoever knows that nobody reads what it encoded or what it closed to. Default: does nothing.</summary>
    void Release()
    {
    }
}

/// <summary>What a closed round's updates come to.</summary>
public interface IAggregate
{
    /// <summary>Clients counted.</summary>
    int Clients { get; }

    /// <summary>The exact sums.</summary>
    /// <exception cref="InvalidOperationException">The aggregator takes directions only.</exception>
    FixedPointSum Sum { get; }

    /// <summary>Standard deviation of the noise that was added in each place of the mean, so that nobody's part in it is told; 0 where none was. Default: 0.</summary>
    double NoiseOfMean => 0;

    /// <summary>The middle of the clients' updates, in the aggregator's sense.</summary>
    /// <param name="mean">Receives as many values, from the first on.</param>
    /// <exception cref="InvalidOperationException">No client was counted.</exception>
    void Mean(Span<float> mean);
}

/// <summary>The weighted mean of exact sums: federated averaging (McMahan et al. 2017, arXiv:1602.05629).</summary>
public sealed class MeanAggregator : IAggregator
{
    /// <summary>The one there is.</summary>
    public static MeanAggregator Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "mean";

    /// <inheritdoc/>
    public bool TakesDirectionsOnly => false;

    /// <inheritdoc/>
    public IPartial Empty(int length, SumScale scale) => new FixedPointSum(length, scale);

    /// <inheritdoc/>
    public IPartial Read(int length, ReadOnlyMemory<byte> encoded, FixedPointSum totals) =>
        new FixedPointSum(encoded, totals.Weight, totals.Loss, totals.Clients, totals.Examples, totals.MaxWeight, totals.Scale);
}
