using System.Numerics.Tensors;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Updates;

namespace FedRec.Benchmarks.Attacks;

/// <summary>Moves the targets to one place, which is worked out anew in each round: model replacement (Bagdasaryan et al. 2020, arXiv:1807.00459).</summary>
/// <remarks>A direction is not enough: users are solved from the items that they have and turn away from a long vector that they do not have. So attackers, who have the
/// program, try some lengths on a model of their own, and take the one at which most of some users see the targets.</remarks>
/// <param name="known">What attackers know.</param>
internal abstract class Promotion(Knowledge known) : IAttack
{
    private const int Top = 10;
    private const int TrialUsers = 30;
    private static readonly float[] s_lengths = [0.25f, 0.5f, 1, 1.5f, 2, 3, 5]; // in distances of the item that is farthest from the mean item
    private readonly ILearnerWorker _worker = known.Learner.CreateWorker();
    private int _round;
    private Dictionary<int, float[]> _rows = [];

    /// <summary>What attackers know.</summary>
    protected Knowledge Known => known;

    /// <inheritdoc/>
    public virtual ClientUpdate Craft(HonestUpdate honest)
    {
        if (honest.Round != _round)
        {
            _round = honest.Round;
            var table = ItemTable.Of(honest, known);
            var (liked, users) = Goal(table, honest);
            var goal = Reach(table, honest, liked, users);
            _rows = known.Targets.ToDictionary(target => target, target =>
            {
                var row = new float[known.Dims];
                TensorPrimitives.Subtract(goal, table.Row(target), row);
                TensorPrimitives.Multiply(row, Crafted.Boost, row);
                return row;
            });
            AddTo(_rows, table, honest);
        }

        return Crafted.Of(honest, _rows);
    }

    /// <summary>Items that are liked, by how much; the targets go where these are, seen from the mean item. And users to try lengths on.</summary>
    protected abstract (IReadOnlyDictionary<int, float> Liked, IReadOnlyList<int[]> Users) Goal(ItemTable table, HonestUpdate honest);

    /// <summary>Other rows that are to move. Default: none.</summary>
    protected virtual void AddTo(Dictionary<int, float[]> rows, ItemTable table, HonestUpdate honest)
    {
    }

    private float[] Reach(ItemTable table, HonestUpdate honest, IReadOnlyDictionary<int, float> liked, IReadOnlyList<int[]> users)
    {
        var direction = new float[known.Dims];
        foreach (var (item, much) in liked)
        {
            TensorPrimitives.MultiplyAdd(table.Row(item), much, direction, direction);
            TensorPrimitives.MultiplyAdd(table.Mean, -much, direction, direction);
        }

        var unit = Enumerable.Range(0, table.Items).Except(known.Targets).Max(table.FromMean) / Math.Max(TensorPrimitives.Norm<float>(direction), 1e-9f);
        var (best, most) = (Array.Empty<float>(), -1.0);
        foreach (var length in s_lengths)
        {
            var (goal, parameters) = (new float[known.Dims], honest.Model.Parameters.ToArray());
            TensorPrimitives.MultiplyAdd(direction, length * unit, table.Mean, goal);
            Array.ForEach(known.Targets, target => goal.CopyTo(parameters.AsSpan(target * known.Dims)));
            if (Seen(known.Learner.Prepare(parameters, honest.Model.Phase), users) is var seen && seen > most)
            {
                (best, most) = (goal, seen);
            }
        }

        return best;
    }

    // Users who see the first target; of equals, those who nearly do.
    private double Seen(PreparedModel model, IReadOnlyList<int[]> users)
    {
        var (scores, seen) = (new float[known.Items], 0.0);
        foreach (var own in users.Take(TrialUsers))
        {
            _worker.Score(model, own, scores);
            Array.ForEach(own, item => scores[item] = float.NegativeInfinity);
            var above = scores.Count(score => score > scores[known.Targets[0]]);
            seen += above < Top ? 1 : 1.0 / above / TrialUsers;
        }

        return seen;
    }
}
