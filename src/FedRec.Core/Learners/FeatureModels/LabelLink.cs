using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.FeatureModels;

/// <summary>The link between labels and the network's outputs: what each kind of label asks of them, how a miss is measured, and what they say.</summary>
/// <remarks>As in generalised linear models: the output of a regression is the standardised label, fitted by squares; of two classes the log odds of
/// the positive one; of more the logarithms of probabilities up to a constant, both fitted by cross-entropy.</remarks>
internal sealed class LabelLink(FeatureModelShape shape)
{
    private readonly int _label = shape.Columns.Length; // its mean and deviation stand behind those of the columns

    /// <summary>Writes what the outputs of a row should be.</summary>
    /// <param name="parameters">P values.</param>
    /// <param name="data">The client.</param>
    /// <param name="row">A labelled row.</param>
    /// <param name="rows">Rows of its batch.</param>
    /// <param name="target">As many values as there are outputs, all zero: receives a standardised number, 1 for the positive class, or 1 / rows at the class.</param>
    public void WriteTarget(ReadOnlySpan<float> parameters, ClientData data, int row, int rows, Span<float> target)
    {
        var item = data.Items(row)[0];
        switch (shape.Task.Kind)
        {
            case LabelKind.Regression:
                target[0] = (data.Ratings(row)[0] - shape.Mean(parameters, _label)) / shape.Deviation(parameters, _label);
                break;
            case LabelKind.Binary:
                target[0] = item == shape.Task.Positive ? 1 : 0;
                break;
            default:
                target[item] = 1f / rows;
                break;
        }
    }

    /// <summary>Mean loss of a batch.</summary>
    /// <param name="outputs">[rows, outputs].</param>
    /// <param name="targets">[rows, outputs], from <see cref="WriteTarget"/>.</param>
    public Tensor Loss(Tensor outputs, Tensor targets) => shape.Task.Kind switch
    {
        LabelKind.Regression => nn.functional.mse_loss(outputs, targets),
        LabelKind.Binary => nn.functional.binary_cross_entropy_with_logits(outputs, targets),
        _ => -(nn.functional.log_softmax(outputs, 1) * targets).sum(),
    };

    /// <summary>Scores the classes by the logarithm of their probability; the one item of a regression by its predicted label.</summary>
    /// <param name="parameters">P values.</param>
    /// <param name="outputs">Of one row.</param>
    /// <param name="scores">Receives a score for each item.</param>
    public void Score(ReadOnlySpan<float> parameters, ReadOnlySpan<float> outputs, Span<float> scores)
    {
        switch (shape.Task.Kind)
        {
            case LabelKind.Regression:
                scores[0] = Label(parameters, outputs[0]);
                break;
            case LabelKind.Binary:
                scores[shape.Task.Positive] = -SoftPlus(-outputs[0]);
                scores[1 - shape.Task.Positive] = -SoftPlus(outputs[0]);
                break;
            default:
                LogSoftmax(outputs, scores);
                break;
        }
    }

    /// <summary>The output of a regression on the label's own scale.</summary>
    public float Label(ReadOnlySpan<float> parameters, float output) =>
        (output * shape.Deviation(parameters, _label)) + shape.Mean(parameters, _label);

    private static float SoftPlus(float value) => Math.Max(value, 0) + MathF.Log(1 + MathF.Exp(-Math.Abs(value)));

    private static void LogSoftmax(ReadOnlySpan<float> outputs, Span<float> scores)
    {
        var highest = System.Numerics.Tensors.TensorPrimitives.Max(outputs);
        var sum = 0.0;
        foreach (var output in outputs)
        {
            sum += Math.Exp(output - highest);
        }

        for (var i = 0; i < outputs.Length; i++)
        {
            scores[i] = (float)(outputs[i] - highest - Math.Log(sum));
        }
    }
}
