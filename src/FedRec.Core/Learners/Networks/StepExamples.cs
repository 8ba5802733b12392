using FedRec.Core.Data;
using FedRec.Core.Learners.LinearAlgebra;
using FedRec.Core.Randomness;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.Networks;

/// <summary>The numbers of one local step that do not depend on the parameters.</summary>
/// <param name="History">[users, own items of the client]: how much each adds to a user's embedding.</param>
/// <param name="Targets">[users, candidates]: 1 for a user's own items; for softmax 1 over their number and the number of users.</param>
/// <param name="Weights">[users, candidates]: what pairs count, 1 on average; null for softmax, whose targets hold it, or when all count 1.</param>
/// <param name="Corrections">[users, candidates]: what softmax adds to the scores of drawn items; null for logistic.</param>
internal sealed record StepExamples(Tensor History, Tensor Targets, Tensor? Weights, Tensor? Corrections)
{
    /// <summary>Lays out one step; draws which own items are left out of the embeddings.</summary>
    /// <param name="options">Loss and dropout.</param>
    /// <param name="data">The client.</param>
    /// <param name="plan">The client's round.</param>
    /// <param name="step">The step of <paramref name="plan"/>.</param>
    /// <param name="random">The client's draws; goes on.</param>
    public static StepExamples Lay(NeuralOptions options, ClientData data, LocalPlan plan, LocalStep step, ref SeededRandom random)
    {
        var (users, candidates, owned) = (step.Users.Length, step.Candidates.Length, plan.Own.Items.Length);
        var softmax = options.Loss == NeuralLoss.Softmax;
        var weighted = step.Users.Any(user => !ExampleWeights.Shorten(data.Weights(user)).IsEmpty);
        var examples = new StepExamples(zeros(users, owned), zeros(users, candidates), weighted && !softmax ? ones(users, candidates) : null, softmax ? empty(users, candidates) : null);
        var history = HostTensors.Values(examples.History);
        var targets = HostTensors.Values(examples.Targets);
        var places = Places(plan, step);
        for (var u = 0; u < users; u++)
        {
            var own = data.Items(step.Users[u]);
            var row = targets.Slice(u * candidates, candidates);
            Mark(own, plan, places, row, softmax ? 1f / (own.Length * users) : 1);
            if (weighted)
            {
                var weights = ExampleWeights.Shorten(data.Weights(step.Users[u]));
                Weigh(own, weights, plan, places, softmax ? row : HostTensors.Values(examples.Weights!).Slice(u * candidates, candidates), softmax);
            }

            HistoryWeights.Draw(Slots(own, plan), options.HistoryDropout, ref random, history.Slice(u * owned, owned));
            if (softmax)
            {
                Correct(row, data.ItemCount - own.Length, own.Length, HostTensors.Values(examples.Corrections!).Slice(u * candidates, candidates));
            }
        }

        if (examples.Weights is { } pairs)
        {
            var values = HostTensors.Values(pairs);
            System.Numerics.Tensors.TensorPrimitives.Multiply(values, values.Length / VectorKernels.Sum(values), values); // the mean of a step is by what its pairs count
        }

        return examples;
    }

    /// <summary>Multiplies the values of own items by what these count; with softmax so that they add up to what they did.</summary>
    private static void Weigh(ReadOnlySpan<int> own, ReadOnlySpan<float> weights, LocalPlan plan, int[] places, Span<float> row, bool softmax)
    {
        var scale = softmax ? (float)(own.Length / ExampleWeights.Total(own.Length, weights)) : 1;
        for (var i = 0; i < weights.Length; i++)
        {
            row[places[plan.Touched.Add(own[i])]] *= scale * weights[i];
        }
    }

    /// <summary>Where each touched item stands among the candidates.</summary>
    private static int[] Places(LocalPlan plan, LocalStep step)
    {
        var places = new int[plan.Touched.Items.Length];
        for (var place = 0; place < step.Candidates.Length; place++)
        {
            places[step.Candidates[place]] = place;
        }

        return places;
    }

    private static int[] Slots(ReadOnlySpan<int> own, LocalPlan plan)
    {
        var slots = new int[own.Length];
        for (var i = 0; i < own.Length; i++)
        {
            slots[i] = plan.Own.Add(own[i]);
        }

        return slots;
    }

    private static void Mark(ReadOnlySpan<int> own, LocalPlan plan, int[] places, Span<float> row, float value)
    {
        foreach (var item in own)
        {
            row[places[plan.Touched.Add(item)]] = value;
        }
    }

    /// <summary>Each drawn item stands for as many of the unseen ones: e to its score counts that many times.</summary>
    private static void Correct(ReadOnlySpan<float> targets, int unseen, int own, Span<float> corrections)
    {
        var drawn = targets.Length - own;
        var correction = drawn == 0 ? 0 : MathF.Log((float)unseen / drawn);
        for (var i = 0; i < targets.Length; i++)
        {
            corrections[i] = targets[i] > 0 ? 0 : correction;
        }
    }
}
