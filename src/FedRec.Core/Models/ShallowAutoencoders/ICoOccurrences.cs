using FedRec.Core.Aggregation;

namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>How often items are met together, XᵀX, in a form that adds up over users: what clients contribute and a model keeps.</summary>
/// <remarks>Whole numbers only. Adding a user, and taking the same user away again, therefore leaves every bit as it was.</remarks>
internal interface ICoOccurrences
{
    /// <summary>The blocks of the statistics; they stand first in the parameters and in the contribution.</summary>
    ReadOnlySpan<ParameterBlock> Blocks { get; }

    /// <summary>Makes the scratch memory of one thread.</summary>
    IShare CreateShare();

    /// <summary>Users who have met each item.</summary>
    /// <param name="statistics">The blocks' values.</param>
    /// <param name="counts">Receives one count per item.</param>
    void Counts(ReadOnlySpan<float> statistics, Span<float> counts);

    /// <summary>Solves for the item weights.</summary>
    /// <param name="statistics">The blocks' values.</param>
    /// <param name="penalties">λ of each item, all greater than 0.</param>
    /// <returns>B of Steck 2019, equation 8.</returns>
    IItemWeights Solve(ReadOnlySpan<float> statistics, ReadOnlySpan<double> penalties);
}

/// <summary>Works one user's share of the statistics out. Not thread-safe.</summary>
internal interface IShare
{
    /// <summary>Adds what changes when a user's items change.</summary>
    /// <param name="before">The items that are in the statistics already, ascending; none for a new user.</param>
    /// <param name="after">The items that shall be in them, ascending; none removes the user.</param>
    /// <param name="output">Receives the difference of the two shares.</param>
    /// <returns>Largest magnitude that was added in one place.</returns>
    int Add(ReadOnlySpan<int> before, ReadOnlySpan<int> after, ContributionBuffer output);
}
