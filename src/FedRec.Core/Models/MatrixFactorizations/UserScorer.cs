using FedRec.Core.Data;
using FedRec.Core.Models.LinearAlgebra;

namespace FedRec.Core.Models.MatrixFactorizations;

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
        var dims = user.Length;
        var table = model.Items.Span;
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = VectorKernels.Dot(table.Slice(item * dims, dims), user);
        }
    }
}
