using FedRec.Core.Learners.Networks;
using FedRec.Core.Native;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;
using TorchSharp;
using static TorchSharp.torch;

namespace FedRec.Core.Evaluation.Baselines.SelfAttention;

/// <summary>Trains a network pass by pass: Adam on the cross-entropy of the next item against the whole catalogue, after every item.</summary>
/// <remarks>Klenitskiy and Vasilev 2023, arXiv:2309.07602: with this loss SASRec is far stronger than with the one of its paper. Each step's sequences are dealt to
/// <see cref="Shards"/> threads, whatever the machine has, and their gradients added in order: the result depends on the seed, and not on who works beside it.</remarks>
/// <param name="settings">The configuration.</param>
/// <param name="sequences">What is learnt from.</param>
/// <param name="items">Items of the catalogue.</param>
/// <param name="seed">Seed of all draws.</param>
internal sealed class SequenceTrainer(SequenceSettings settings, ItemSequences sequences, int items, ulong seed)
{
    private const int Shards = BaselineRegistry.Threads;
    private readonly ParameterLayout _layout = SequenceNetwork.Layout(settings, items);

    /// <summary>Trains from the start.</summary>
    /// <param name="after">Called after each pass over all examples, with their number from 1, their mean cross-entropy in nats and a copy of the parameters; false ends
    /// the training.</param>
    public void Train(Func<int, double, float[], bool> after)
    {
        TorchLoader.EnsureLoaded();
        using var scope = NewDisposeScope();
        var parameters = HostTensors.Matrix(SequenceNetwork.Initial(_layout, seed), _layout.Length).flatten();
        var stepper = new LocalStepper(new LocalSteps(LocalOptimizer.Adam, settings.StepSize, 0), [parameters], [parameters], [0]);
        for (var (pass, goesOn) = (1, true); goesOn; pass++)
        {
            var loss = Pass(pass, parameters, stepper);
            goesOn = after(pass, loss, HostTensors.Values(parameters).ToArray());
        }
    }

    /// <summary>The cross-entropy of windows, summed and divided by the examples of the whole step.</summary>
    /// <param name="network">Reads the sequences.</param>
    /// <param name="of">What the windows are cut from.</param>
    /// <param name="windows">At least one.</param>
    /// <param name="examples">Examples of the step.</param>
    /// <param name="dropout">Null for none.</param>
    internal static Tensor Loss(SequenceNetwork network, ItemSequences of, IReadOnlyList<SequenceWindow> windows, int examples, Dropout? dropout)
    {
        using Scalar share = 1.0 / examples;
        var batch = new SequenceBatch([.. windows.Select(window => of.Segment(window))]);
        var next = HostTensors.Rows([.. windows.SelectMany(window => of.Segment(window with { Start = window.Start + 1 }).ToArray())]);
        return nn.functional.cross_entropy(network.Scores(network.Run(batch, dropout), batch.AllRows()), next, reduction: nn.Reduction.Sum).mul(share);
    }

    private double Pass(int number, Tensor parameters, LocalStepper stepper)
    {
        var random = SeedSequence.For(seed, "sasrec-pass", number);
        var drawn = sequences.Shuffled(ref random);
        var (loss, all, step) = (0.0, 0, new List<SequenceWindow>());
        foreach (var (window, isLast) in Marked(drawn.Cut(settings.MaxLength, ref random)))
        {
            step.Add(window);
            var examples = step.Sum(one => one.Length);
            if (isLast || examples >= settings.StepExamples)
            {
                loss += examples * Step(parameters, stepper, drawn, step, examples, random.NextUInt64());
                all += examples;
                step.Clear();
            }
        }

        return all == 0 ? 0 : loss / all;
    }

    private static IEnumerable<(SequenceWindow Window, bool IsLast)> Marked(SequenceWindow[] windows) => windows.Select((window, i) => (window, i == windows.Length - 1));

    private double Step(Tensor parameters, LocalStepper stepper, ItemSequences drawn, List<SequenceWindow> windows, int examples, ulong draw)
    {
        var parts = new (float Loss, Tensor Gradient)[Math.Min(Shards, windows.Count)];
        Parallel.For(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = Shards }, part =>
        {
            using var scope = NewDisposeScope();
            using var recorded = enable_grad();
            var trained = parameters.detach().requires_grad_();
            var own = windows.Where((_, i) => i % parts.Length == part).ToList();
            var loss = Loss(new SequenceNetwork(settings, _layout, trained), drawn, own, examples, DropoutOf(draw, part));
            parts[part] = (loss.item<float>(), autograd.grad([loss], [trained])[0].DetachFromDisposeScope());
        });
        using var scope = NewDisposeScope();
        stepper.Step([parts.Select(part => part.Gradient).Aggregate(HostTensors.Add)]);
        foreach (var (_, gradient) in parts)
        {
            gradient.Dispose();
        }

        return parts.Sum(part => (double)part.Loss);
    }

    private Dropout? DropoutOf(ulong draw, int part) => settings.Dropout == 0 ? null : new Dropout(settings.Dropout, SeedSequence.For(draw, "dropout", part));
}

/// <summary>Settings of one SASRec network and its training.</summary>
internal sealed record SequenceSettings
{
    /// <summary>Length of an item's embedding, and width of all layers; a multiple of <see cref="Heads"/>. Default: 64.</summary>
    public int Dims { get; init; } = 64;

    /// <summary>Blocks of attention and feed-forward layers. Default: 1.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Parts into which attention is split. Default: 2.</summary>
    public int Heads { get; init; } = 2;

    /// <summary>Chance that a value is left out in training, in [0, 1). Default: 0.2.</summary>
    public double Dropout { get; init; } = 0.2;

    /// <summary>Step size of Adam. Default: 0.001.</summary>
    public double StepSize { get; init; } = 0.001;

    /// <summary>Newest items that are seen at once. Default: 50.</summary>
    public int MaxLength { get; init; } = 50;

    /// <summary>Examples at which a step is full; its last sequence may bring more. Default: 400.</summary>
    public int StepExamples { get; init; } = 400;

    /// <summary>Multiply-adds of one pass over some examples, forward and backward.</summary>
    public double CostOfPass(long examples, int items) =>
        3.0 * examples * (((double)Dims * items) + (Layers * ((6.0 * Dims * Dims) + (2.0 * Dims * MaxLength))));
}
