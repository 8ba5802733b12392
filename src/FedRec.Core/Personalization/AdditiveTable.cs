using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Personalization;

/// <summary>Adds a private table A to the items' shared one, found by proximal gradient steps; the rest stays as it is shared.</summary>
/// <remarks>FedRAP (Li et al. 2024, arXiv:2301.09109) adds such a table to the shared one in every round; here the shared model is
/// trained as always and A afterwards, so that training and what clients send are the same with and without it. One step is
/// A ← soft((A + rate·d(θ + A)) / (1 + rate·λ₂), rate·λ₁) with soft(x, t) = sign(x)·max(|x| − t, 0): the proximal map of λ₁·|A| + λ₂/2·A².</remarks>
internal sealed class AdditiveTable(ILearner learner, PersonalizationOptions options) : IPersonalization
{
    private readonly OwnDirection _direction = new(learner);
    private readonly int _length = ItemTables.Length(learner.Parameters);

    /// <inheritdoc/>
    public PreparedModel Personalize(PreparedModel version, ClientData own, SeededRandom random)
    {
        var model = version;
        var table = new float[_length];
        for (var step = 0; step < options.Steps && options.LearningRate > 0 && OwnDirection.HasItems(own); step++)
        {
            var direction = _direction.At(model, own, ref random);
            if (direction.IsEmpty)
            {
                break;
            }

            Step(table, direction);
            var next = version.Parameters.ToArray();
            System.Numerics.Tensors.TensorPrimitives.Add(next.AsSpan(0, _length), table, next.AsSpan(0, _length));
            model = learner.Prepare(next, version.Phase);
        }

        return table.AsSpan().ContainsAnyExcept(0f) ? model : version;
    }

    /// <inheritdoc/>
    public void Dispose() => _direction.Dispose();

    private void Step(Span<float> table, ReadOnlySpan<float> direction)
    {
        var rate = options.LearningRate;
        var (step, shrink, threshold) = ((float)rate, (float)(1 / (1 + (rate * options.L2))), (float)(rate * options.L1));
        for (var i = 0; i < table.Length; i++)
        {
            var moved = (table[i] + (step * direction[i])) * shrink;
            table[i] = moved > threshold ? moved - threshold : moved < -threshold ? moved + threshold : 0;
        }
    }
}

/// <summary>The tables with a row for each item, which stand first in every layout.</summary>
internal static class ItemTables
{
    /// <summary>Values of these blocks.</summary>
    public static int Length(ParameterLayout layout) => layout.Blocks.TakeWhile(block => block.Rows == layout.Blocks[0].Rows).Sum(block => block.Length);

    /// <summary>Values of these blocks.</summary>
    public static int Length(UpdateLayout layout) => layout.Blocks.TakeWhile(block => block.Rows == layout.Blocks[0].Rows).Sum(block => block.Length);
}
