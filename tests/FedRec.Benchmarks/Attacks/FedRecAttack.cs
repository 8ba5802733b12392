using System.Numerics.Tensors;
using FedRec.Core.Federation;
using FedRec.Core.Randomness;

namespace FedRec.Benchmarks.Attacks;

/// <summary>Promotion by public interactions: users are approximated from the few items of theirs that anybody can see, and the targets are moved to where those like them who do not see them
/// yet; what stands in their way is moved down.</summary>
/// <remarks>Zhang et al. 2022, "FedRecAttack: Model Poisoning Attack to Federated Recommendation" (ICDE), with its 1 % of public interactions and at most 60 rows an update.</remarks>
internal sealed class FedRecAttack(Knowledge known) : Promotion(known)
{
    private const int MostRows = 60;
    private const int Top = 10;
    private const int UsersOfARound = 100;
    private readonly int[][] _public = [.. Enumerable.Range(0, known.Public.UserCount).Select(user => known.Public.Items(user).ToArray()).Where(own => own.Length > 0)];
    private Dictionary<int, float[]> _rivals = [];

    /// <inheritdoc/>
    protected override (IReadOnlyDictionary<int, float> Liked, IReadOnlyList<int[]> Users) Goal(ItemTable table, HonestUpdate honest)
    {
        var liked = new Dictionary<int, float>();
        _rivals = [];
        var random = SeedSequence.For(Known.Seed, "fedrecattack", honest.Round);
        random.Shuffle(_public.AsSpan());
        foreach (var own in _public.Take(UsersOfARound))
        {
            var user = table.User(own);
            var scores = table.Scores(user);
            Array.ForEach(own, item => scores[item] = float.NegativeInfinity);
            var tenth = Enumerable.Range(0, scores.Length).Except(Known.Targets).OrderByDescending(item => scores[item]).ElementAt(Top - 1);
            var slope = 1 / (1 + MathF.Exp(scores[Known.Targets[0]] - scores[tenth])); // of ln(1 + exp(tenth − target))
            Array.ForEach(own, item => liked[item] = liked.GetValueOrDefault(item) + slope);
            var rival = _rivals.TryGetValue(tenth, out var there) ? there : _rivals[tenth] = new float[table.Dims];
            TensorPrimitives.MultiplyAdd(user, -slope, rival, rival);
        }

        return (liked, _public);
    }

    /// <inheritdoc/>
    protected override void AddTo(Dictionary<int, float[]> rows, ItemTable table, HonestUpdate honest)
    {
        var norm = Crafted.Boost * Crafted.RowNorm(honest.Update.Values);
        foreach (var (item, row) in _rivals.OrderByDescending(one => TensorPrimitives.Norm<float>(one.Value)).Take(MostRows - rows.Count))
        {
            TensorPrimitives.Multiply(row, norm / Math.Max(TensorPrimitives.Norm<float>(row), 1e-9f), row);
            rows.TryAdd(item, row);
        }
    }
}
