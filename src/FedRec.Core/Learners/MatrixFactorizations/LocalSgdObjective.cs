using System.Collections.Immutable;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.MatrixFactorizations;

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
        Recipe = new RoundRecipe(
            new UpdateLayout([.. Parameters.Blocks.Select((block, i) => new UpdateBlock(block.Name, block.Rows, block.Columns, i == 0 ? BlockRole.Delta : BlockRole.Statistic))]),
            Step: options.LocalSgd.Scaffold ? StepRule.Mean : StepRule.Optimizer,
            KeepsState: options.LocalSgd.Scaffold);
    }

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; }

    /// <inheritdoc/>
    /// <remarks>Clients keep what their control variates have changed by, so that only the exact sum of the changes is the server's.</remarks>
    public RoundRecipe Recipe { get; }

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters) => new MatrixFactorizationModel(parameters, _shape.Items, _options.Dims);

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker(Func<int, NegativeSampler> sampler) => new LocalSgdWorker(_options, _shape.Items, sampler(_shape.Items));

    /// <summary>The mean; control variates change by the sum over all clients, of which those that did not take part changed nothing:
    /// c ← c + |S|/N · mean(Δcᵢ).</summary>
    public void Aggregate(ReadOnlySpan<float> parameters, IAggregate aggregate, Span<float> delta)
    {
        aggregate.Mean(delta);
        if (_options.LocalSgd.Scaffold)
        {
            var controls = delta[Parameters.Offset(1)..];
            System.Numerics.Tensors.TensorPrimitives.Multiply(controls, (float)aggregate.Clients / _shape.Clients, controls);
        }
    }
}

/// <summary>How clients that train by local SGD are kept from drifting apart; the same options for every learner that does.</summary>
public sealed record LocalSgdOptions
{
    private static readonly LearnerOption s_proximal = LearnerOption.Number("proximal", 0, 1000, "0",
        "Local SGD: FedProx's pull of the shared parameters towards the received ones; 0 for none.");

    private static readonly LearnerOption s_scaffold = LearnerOption.Choice("scaffold", ["off", "on"], "off",
        "Local SGD: corrects the drift of clients by control variates (SCAFFOLD), which each client keeps; the server then takes the plain mean.");

    /// <summary>The options as learners offer them.</summary>
    public static ImmutableArray<LearnerOption> Offered { get; } = [s_proximal, s_scaffold];

    /// <summary>μ of FedProx: each local step adds μ·(w − received w) to the gradient of the shared parameters; 0 to 1,000. Default: 0.</summary>
    /// <remarks>Li et al. 2020, arXiv:1812.06127, equation 2.</remarks>
    public double Proximal { get; init; }

    /// <summary>Whether each local step adds c − cᵢ, the server's less the client's own control variate. Default: false.</summary>
    /// <remarks>SCAFFOLD: Karimireddy et al. 2020, arXiv:1910.06378, Algorithm 1 with option II.</remarks>
    public bool Scaffold { get; init; }

    /// <summary>Whether local steps are corrected at all.</summary>
    public bool Corrects => Proximal > 0 || Scaffold;

    /// <summary>Reads the options from their text.</summary>
    /// <exception cref="ArgumentException">A value is not allowed.</exception>
    public static LocalSgdOptions Parse(IReadOnlyDictionary<string, string> values) => new()
    {
        Proximal = s_proximal.ReadNumber(values) ?? 0,
        Scaffold = s_scaffold.ReadChoice(values) == 1,
    };

    /// <summary>Refuses values outside their range.</summary>
    /// <exception cref="ArgumentException">Names the option, its value and its range.</exception>
    public void Validate() => s_proximal.ThrowUnlessAllowed(Proximal);
}
