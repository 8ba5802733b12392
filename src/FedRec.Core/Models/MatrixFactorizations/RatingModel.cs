namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>Item factors, item biases and the mean rating of one version; nothing is worked out ahead.</summary>
internal sealed class RatingModel(ReadOnlyMemory<float> parameters, ParameterLayout layout) : PreparedModel(parameters)
{
    /// <summary>V, items × dims.</summary>
    public ReadOnlySpan<float> Items => ItemVectors.Span;

    /// <summary>V in memory that stays.</summary>
    public ReadOnlyMemory<float> ItemVectors => Parameters.Slice(layout.Offset(RatingObjective.ItemFactors), layout.Blocks[RatingObjective.ItemFactors].Length);

    /// <summary>What each item is rated above or below its raters' means.</summary>
    public ReadOnlySpan<float> Biases => Block(RatingObjective.ItemBias);

    /// <summary>The mean of the users' mean ratings, for users who have rated nothing.</summary>
    public float MeanRating => Block(RatingObjective.MeanRating)[0] * RatingObjective.MeanRatingUnit;

    private ReadOnlySpan<float> Block(int block) => Parameters.Span.Slice(layout.Offset(block), layout.Blocks[block].Length);
}
