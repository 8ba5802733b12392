using System.Globalization;
using FedRec.Core.Aggregation;
using FedRec.Core.Models.Transfers;

namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>EASE: item–item weights in closed form from how often items are met together. One round, and exact.</summary>
/// <remarks>Steck 2019, arXiv:1905.03375. The shared parameters are the summed counts, not the weights: a silo solves for the
/// weights when it first scores with a version. So versions are whole numbers, the same bytes on any number of silos; a version
/// plus the difference that changed users make is the version that training afresh would give, byte for byte; and what a removed
/// user has left in a model is nothing, but for a voice in the choice of λ where users choose it. λ is one of the parameters: in the choosing variant a tenth of the users stays out of
/// round 1, chooses λ in round 2 by how well each candidate finds items they hold out, and adds its own counts in round 3.
/// Counts are whole numbers, so interactions count alike whatever their kind of event is; a kind with weight 0 is not in the data at all.
/// Where parties know the same people, each adds the pairs that it sees: items that somebody met at two parties make no pair.</remarks>
public sealed class Ease : ILearner
{
    /// <summary>Rounds of a run in which users choose λ.</summary>
    internal const int RoundsToChoose = 3;

    private readonly ICoOccurrences _counts;
    private readonly EaseOptions _options;
    private readonly int _items;

    /// <summary>Creates the learner for one catalogue.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="itemCount">Items of the catalogue, at least 1.</param>
    public Ease(EaseOptions options, int itemCount)
    {
        (_options, _items) = (options, itemCount);
        _counts = options.Sketch > 0 ? new SketchedCounts(itemCount, options.Sketch) : new PairCounts(itemCount);
        Parameters = new ParameterLayout([.. _counts.Blocks, new ParameterBlock("lambda_and_rounds", 1, 2)]);
        Contribution = new ParameterLayout([.. _counts.Blocks, new ParameterBlock("votes", 1, LambdaChoice.Candidates.Length)]);
    }

    /// <inheritdoc/>
    public string Name => "ease";

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; }

    /// <inheritdoc/>
    public ParameterLayout Contribution { get; }

    /// <inheritdoc/>
    /// <remarks>To count, a client needs to know only where the run stands; to vote on λ, the counts.</remarks>
    public int Download => Chooses ? Parameters.Length : Parameters.Length - StatisticsLength;

    /// <inheritdoc/>
    /// <remarks>A party may hold all users.</remarks>
    public double LargestContribution { get; init; } = SumScale.LeastLimit;

    /// <inheritdoc/>
    /// <remarks>Counts go with their items; the signs of a sketch belong to the numbers of items, so that a sketch holds for one order of one catalogue.</remarks>
    public IReadOnlyList<BlockMeaning>? Meanings => _options.Sketch > 0 ? null : [BlockMeaning.ItemPairs, BlockMeaning.Same];

    private bool Chooses => _options.Lambda == 0;

    private int RoundsToLearn => Chooses ? RoundsToChoose : 1;

    private int StatisticsLength => Contribution.Offset(Contribution.Blocks.Length - 1);

    /// <inheritdoc/>
    public float[] Initialize(ulong seed)
    {
        var parameters = new float[Parameters.Length];
        parameters[StatisticsLength] = (float)_options.Lambda;
        return parameters;
    }

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters) => parameters.Length == Parameters.Length
        ? new EaseModel(parameters, Parameters, _counts, _items, _options.ItemDropout)
        : throw new ArgumentException($"{parameters.Length} values are not the {Parameters.Length} of {_items} items.", nameof(parameters));

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker() => new EaseWorker(_counts.CreateShare(), Chooses ? new LambdaChoice(_items) : null, StatisticsLength);

    /// <inheritdoc/>
    public void Aggregate(ReadOnlySpan<float> parameters, ContributionSum sum, Span<float> delta)
    {
        var values = sum.Values;
        for (var i = 0; i < StatisticsLength; i++)
        {
            var (before, added) = (parameters[i], sum.Scale.Decode(values[i]));
            ThrowUnlessExact(added);
            ThrowUnlessExact(before + added);
            delta[i] = (float)added;
        }

        var rounds = parameters[StatisticsLength + 1];
        delta[StatisticsLength] = Chooses && rounds == 1 ? LambdaChoice.Best(values[StatisticsLength..]) : 0;
        delta[StatisticsLength + 1] = rounds < RoundsToLearn ? 1 : 0; // later changes leave no trace but in the counts
    }

    private static void ThrowUnlessExact(double count)
    {
        if (Math.Abs(count) > SumScale.MostLimit)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"ease counts exactly up to {SumScale.MostLimit:N0} users of one pair of items, and there are {count:N0}; train on fewer users, or use mf"));
        }
    }
}
