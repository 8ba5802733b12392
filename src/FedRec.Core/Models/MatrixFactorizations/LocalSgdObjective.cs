using FedRec.Core.Aggregation;
using FedRec.Core.Data;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>A loss on sampled negatives: clients contribute deltas of local SGD, and the server takes their mean.</summary>
/// <remarks>With SCAFFOLD the server's control variates are a second block of the parameters, and clients contribute their changes.</remarks>
internal sealed class LocalSgdObjective : IFactorObjective
{
    private readonly MatrixFactorizationOptions _options;
    private readonly FederationShape _shape;

    public LocalSgdObjective(MatrixFactorizationOptions options, FederationShape shape)
    {
        (_options, _shape) = (options, shape);
        var factors = MatrixFactorization.ItemFactors(shape.Items, options.Dims);
        Parameters = options.LocalSgd.Scaffold
            ? new ParameterLayout(factors, new ParameterBlock("item_control", shape.Items, options.Dims))
            : new ParameterLayout(factors);
    }

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; }

    /// <inheritdoc/>
    public ParameterLayout Contribution => Parameters;

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters) => new MatrixFactorizationModel(parameters, _shape.Items, _options.Dims);

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker(Func<int, NegativeSampler> sampler) => new LocalSgdWorker(_options, _shape.Items, sampler(_shape.Items));

    /// <summary>The mean; control variates change by the sum over all clients, of which those that did not take part changed nothing:
    /// c ← c + |S|/N · mean(Δcᵢ).</summary>
    public void Aggregate(ReadOnlySpan<float> parameters, ContributionSum sum, Span<float> delta)
    {
        sum.Mean(delta);
        if (_options.LocalSgd.Scaffold)
        {
            var controls = delta[Parameters.Offset(1)..];
            System.Numerics.Tensors.TensorPrimitives.Multiply(controls, (float)sum.Clients / _shape.Clients, controls);
        }
    }
}
