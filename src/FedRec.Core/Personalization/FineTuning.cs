using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Randomness;

namespace FedRec.Core.Personalization;

/// <summary>Goes on training all shared parameters on the client's own data: θ ← θ + rate · direction, some times.</summary>
/// <remarks>Wang et al. 2019, arXiv:1910.10252. A client without items keeps the shared model.</remarks>
internal sealed class FineTuning(ILearner learner, int steps, double rate) : IPersonalization
{
    private readonly OwnDirection _direction = new(learner);

    /// <summary>The learner's kernels.</summary>
    public ILearnerWorker Worker => _direction.Worker;

    /// <inheritdoc/>
    public PreparedModel Personalize(PreparedModel version, ClientData own, SeededRandom random)
    {
        var model = version;
        for (var step = 0; step < steps && rate > 0 && OwnDirection.HasItems(own); step++)
        {
            var direction = _direction.At(model, own, ref random);
            if (direction.IsEmpty)
            {
                break;
            }

            var next = new float[direction.Length];
            TensorPrimitives.MultiplyAdd(direction, (float)rate, model.Parameters.Span, next);
            model = learner.Prepare(next, version.Phase);
        }

        return model;
    }

    /// <inheritdoc/>
    public void Dispose() => _direction.Dispose();
}
