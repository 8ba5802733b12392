using FedRec.Core.Data;
using FedRec.Core.Training;

namespace FedRec.Core.Evaluation;

/// <summary>Ranks held-out items among a few sampled items that the user has in no split. Not thread-safe.</summary>
/// <remarks>The draws depend on the user's number alone, so that all models are measured against the same items.</remarks>
internal sealed class SampledCandidates(EvaluationSplit split)
{
    /// <summary>Items drawn for a user.</summary>
    public const int Count = 99;

    private static readonly int[] s_onlyUser = [0];
    private readonly NegativeSampler _sampler = new(split.ItemCount);
    private readonly int[] _negatives = new int[Count];

    /// <summary>Where each held-out item lands; a tie leaves its place open.</summary>
    /// <param name="user">Dense user number.</param>
    /// <param name="history">What the scorer knew of the user.</param>
    /// <param name="scores">One per item.</param>
    /// <returns>One block per held-out item, of that item and those tied with it.</returns>
    public TieBlock[] Find(int user, ReadOnlySpan<int> history, ReadOnlySpan<float> scores)
    {
        var heldOut = split.HeldOut.Items(user);
        int[] owned = [.. history, .. split.AlsoRemoved.Items(user), .. heldOut];
        var random = SeedSequence.For(0, "sampled-candidates", user);
        var data = new ClientData(new UserItems([0, owned.Length], owned), s_onlyUser, split.ItemCount);
        var drawn = _sampler.SampleDistinct(data, 0, _negatives, ref random);
        var blocks = new TieBlock[heldOut.Length];
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i] = Place(scores[heldOut[i]], scores, _negatives.AsSpan(0, drawn));
        }

        return blocks;
    }

    // Scores that are no number rank below all others, as in the full ranking.
    private static TieBlock Place(float score, ReadOnlySpan<float> scores, ReadOnlySpan<int> negatives)
    {
        var (above, tied) = (0, 0);
        foreach (var item in negatives)
        {
            var order = scores[item].CompareTo(score); // puts what is no number last
            above += order > 0 ? 1 : 0;
            tied += order == 0 ? 1 : 0;
        }

        return new TieBlock(above, 1 + tied, 1);
    }
}
