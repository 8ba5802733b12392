namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>Tells, before a run starts, when an objective has nothing to learn from.</summary>
internal static class UsableData
{
    /// <summary>Refuses data that the objective cannot use.</summary>
    /// <exception cref="ArgumentException">Says what is missing and what to do.</exception>
    public static void ThrowUnlessUsable(MatrixFactorizationOptions options, FederationShape shape)
    {
        if (options.IsLocalSgd && !shape.HasNegatives)
        {
            throw new ArgumentException(
                $"The objective {MatrixFactorizationDescriptor.NameOf(options.Objective)} needs items that a user has not met, but every user has met all {shape.Items}; " +
                "use the objective least-squares, or data with more items.");
        }

        if (options.Objective == MatrixFactorizationObjective.Ratings && !shape.HasRatings)
        {
            throw new ArgumentException("The objective mse learns from ratings, but the data has no ratings; use least-squares, logistic or bpr.");
        }
    }
}
