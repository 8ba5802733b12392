using FedRec.Core.Data;
using FedRec.Core.Learners.LinearAlgebra;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>Item factors V of one version with the two sums over all items that every fold-in needs.</summary>
internal sealed class MatrixFactorizationModel : PreparedModel
{
    /// <summary>Works the sums out; costs items × dims² multiply-adds.</summary>
    /// <param name="parameters">Item factors, and what else the objective shares after them.</param>
    /// <param name="itemCount">Items of the catalogue.</param>
    /// <param name="dims">Length of an item vector.</param>
    public MatrixFactorizationModel(ReadOnlyMemory<float> parameters, int itemCount, int dims)
        : base(parameters)
    {
        (Items, Controls) = (parameters[..(itemCount * dims)], parameters[(itemCount * dims)..]);
        var table = Items.Span;
        Gram = new float[dims * dims];
        LinearAlgebra.Gram.AddUpper(table, dims, Gram);
        ItemSum = new float[dims];
        for (var start = 0; start < table.Length; start += dims)
        {
            VectorKernels.AddScaled(table.Slice(start, dims), 1, ItemSum);
        }
    }

    /// <summary>V, items × dims.</summary>
    public ReadOnlyMemory<float> Items { get; }

    /// <summary>The server's control variates c, items × dims; empty without SCAFFOLD.</summary>
    public ReadOnlyMemory<float> Controls { get; }

    /// <summary>VᵀV, dims × dims; upper triangle only.</summary>
    public float[] Gram { get; }

    /// <summary>Sum of all item vectors.</summary>
    public float[] ItemSum { get; }
}

/// <summary>Scores items for one user at a time; the same for all objectives on implicit feedback.</summary>
internal static class UserScorer
{
    /// <summary>u·v for every item.</summary>
    /// <param name="foldIn">The thread's scratch memory.</param>
    /// <param name="model">The version.</param>
    /// <param name="history">The user's items, and what they count; none scores by closeness to the mean item vector, which follows popularity.</param>
    /// <param name="scores">Receives one score per item.</param>
    public static void Score(FoldIn foldIn, MatrixFactorizationModel model, UserHistory history, Span<float> scores)
    {
        var user = history.Items.IsEmpty ? model.ItemSum : foldIn.SolveToScore(model, history);
        VectorKernels.Products(model.Items.Span[..(scores.Length * user.Length)], user, scores);
    }
}
