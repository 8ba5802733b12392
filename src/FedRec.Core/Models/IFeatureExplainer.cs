namespace FedRec.Core.Models;

/// <summary>A worker whose scores come from a user's features, and that can say what each of them changes.</summary>
public interface IFeatureExplainer
{
    /// <summary>What each feature changes in an item's score.</summary>
    /// <param name="model">Any version of the learner.</param>
    /// <param name="features">A value for each column of the users' <see cref="Data.Features.FeatureSchema"/>.</param>
    /// <param name="item">The recommended item: for labelled rows the class, or 0 for a regression.</param>
    /// <param name="parts">Receives a part for each column; the learner's documentation says whether they add up to the score.</param>
    void Attribute(PreparedModel model, ReadOnlySpan<float> features, int item, Span<float> parts);
}
