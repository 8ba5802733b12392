using TorchSharp;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.Networks;

/// <summary>How a client steps.</summary>
public enum LocalOptimizer
{
    /// <summary>Plain gradient steps; L2 is part of the gradient.</summary>
    Sgd,

    /// <summary>Kingma and Ba 2015, arXiv:1412.6980; L2 is part of the gradient.</summary>
    Adam,

    /// <summary>As Adam, but L2 shrinks the parameters beside the step (Loshchilov and Hutter 2019, arXiv:1711.05101).</summary>
    AdamW,
}

/// <summary>How a client of any network steps: the options that <c>ncf</c>, <c>two-tower</c> and <c>mlp</c> share.</summary>
internal static class LocalStepOptions
{
    /// <summary>FedProx.</summary>
    public static LearnerOption Proximal { get; } = LearnerOption.Number("proximal", 0, 100, "0", "FedProx: how strongly a client is held near the model it received.");

    /// <summary>The local optimizer.</summary>
    public static LearnerOption Optimizer { get; } = LearnerOption.Choice("optimizer", ["sgd", "adam", "adamw"], "sgd", "How a client steps; it begins anew in each round.");

    /// <summary>Size of a step.</summary>
    /// <param name="default">In words, as it depends on the optimizer.</param>
    public static LearnerOption LearningRate(string @default) => LearnerOption.Number("learning-rate", 0, 1000, @default, "Size of a client's steps.", aboveMinimum: true);

    /// <summary>Passes over a client's data.</summary>
    /// <param name="examples">What the data is: users or rows.</param>
    public static LearnerOption Epochs(string examples) => LearnerOption.WholeNumber("epochs", 1, 100, "1", $"A client's passes over its {examples} in one round.");

    /// <summary>Examples of one step.</summary>
    /// <param name="examples">What they are: Users or Rows.</param>
    public static LearnerOption Batch(string examples) => LearnerOption.WholeNumber("batch", 1, 65_536, "32", $"{examples} of one local step.");
}

/// <summary>How a client steps.</summary>
/// <param name="Optimizer">The kind of step.</param>
/// <param name="StepSize">Its size, above 0.</param>
/// <param name="Proximal">μ of FedProx, at least 0.</param>
internal sealed record LocalSteps(LocalOptimizer Optimizer, double StepSize, double Proximal);

/// <summary>Steps a client's parameters along their gradients; its moments begin at zero with each client and round.</summary>
/// <remarks>Adam's moments are of the rows a client happens to draw, so there is nothing to keep from round to round. Settings
/// beyond the step size are those of the papers: β₁ = 0.9, β₂ = 0.999, ε = 1e-8. Lives in the caller's dispose scope. Numbers are
/// handed to torch as variables that outlive the call; see <see cref="HostTensors.Add"/>.</remarks>
internal sealed class LocalStepper
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly LocalSteps _options;
    private readonly IReadOnlyList<Tensor> _parameters;
    private readonly IReadOnlyList<Tensor> _received;
    private readonly IReadOnlyList<double> _penalties;
    private readonly Tensor[] _first = [];
    private readonly Tensor[] _second = [];
    private int _steps;

    /// <summary>Begins a client's round.</summary>
    /// <param name="options">Optimizer, step size and μ.</param>
    /// <param name="parameters">What is stepped.</param>
    /// <param name="received">What they began with.</param>
    /// <param name="penalties">λ of each in λ/2·‖θ‖².</param>
    public LocalStepper(LocalSteps options, IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> received, IReadOnlyList<double> penalties)
    {
        (_options, _parameters, _received, _penalties) = (options, parameters, received, penalties);
        if (options.Optimizer != LocalOptimizer.Sgd)
        {
            _first = [.. parameters.Select(parameter => zeros(parameter.shape))];
            _second = [.. parameters.Select(parameter => zeros(parameter.shape))];
        }
    }

    /// <summary>Takes one step.</summary>
    /// <param name="gradients">Of the loss without L2 and μ; overwritten.</param>
    public void Step(IList<Tensor> gradients)
    {
        using var noGradient = no_grad();
        _steps++;
        for (var i = 0; i < _parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            Complete(gradients[i], i);
            if (_options.Optimizer == LocalOptimizer.Sgd)
            {
                using Scalar rate = -_options.StepSize;
                _parameters[i].add_(gradients[i], rate);
            }
            else
            {
                StepByMoments(gradients[i], i);
            }
        }
    }

    /// <summary>Adds the gradients of L2 (unless it is decoupled) and of the proximal term.</summary>
    private void Complete(Tensor gradient, int i)
    {
        if (_options.Proximal > 0)
        {
            using Scalar strength = _options.Proximal;
            gradient.add_(HostTensors.Subtract(_parameters[i], _received[i]), strength);
        }

        if (_penalties[i] > 0 && _options.Optimizer == LocalOptimizer.AdamW)
        {
            using Scalar keep = 1 - (_options.StepSize * _penalties[i]);
            _parameters[i].mul_(keep);
        }
        else if (_penalties[i] > 0)
        {
            using Scalar penalty = _penalties[i];
            gradient.add_(_parameters[i], penalty);
        }
    }

    private void StepByMoments(Tensor gradient, int i)
    {
        using Scalar one = 1, old1 = Beta1, new1 = 1 - Beta1, old2 = Beta2, new2 = 1 - Beta2;
        using Scalar debias = 1 - Math.Pow(Beta2, _steps), epsilon = Epsilon, rate = -_options.StepSize / (1 - Math.Pow(Beta1, _steps));
        _first[i].mul_(old1).add_(gradient, new1);
        _second[i].mul_(old2).addcmul_(gradient, gradient, new2);
        _parameters[i].addcdiv_(_first[i], _second[i].div(debias).sqrt_().add_(epsilon, one), rate);
    }
}
