using System.Collections.Immutable;
using FedRec.Core.Randomness;

namespace FedRec.Core.Updates;

/// <summary>What a step has done to an update.</summary>
[Flags]
public enum UpdateOutcome
{
    /// <summary>It is as it was.</summary>
    Unchanged = 0,

    /// <summary>It was longer than allowed, and was shortened.</summary>
    Clipped = 1,

    /// <summary>It was changed in another way.</summary>
    Changed = 2,
}

/// <summary>What a step may know beside the update.</summary>
/// <param name="Layout">Of the update.</param>
/// <param name="Random">Draws of this client and round; copy it to a variable before drawing.</param>
public readonly record struct UpdateContext(UpdateLayout Layout, SeededRandom Random)
{
    /// <summary>What the step keeps with the client, of the steps that do (<see cref="IUpdateStep.KeepsState"/>); null where nothing is kept. Default: null.</summary>
    public StepMemory? Memory { get; init; }
}

/// <summary>What a step keeps with a client from round to round.</summary>
/// <param name="kept">What it kept before; empty before the client's first round.</param>
public sealed class StepMemory(ReadOnlyMemory<byte> kept)
{
    /// <summary>What is kept; the step replaces it. The client adopts that only when the round counts its update.</summary>
    public ReadOnlyMemory<byte> Kept { get; set; } = kept;
}

/// <summary>One step of an update's way from the client's training to the aggregator, taken at the client. Holds no state.</summary>
public interface IUpdateStep
{
    /// <summary>Changes an update; deterministic in its arguments.</summary>
    /// <param name="update">The client's; its values may be changed in place.</param>
    /// <param name="context">Its layout and draws.</param>
    /// <returns>What was done.</returns>
    UpdateOutcome Apply(ref ClientUpdate update, UpdateContext context);

    /// <summary>Whether it keeps something with the client, in <see cref="UpdateContext.Memory"/>. Default: false.</summary>
    bool KeepsState => false;
}

/// <summary>Steps in their order.</summary>
/// <param name="steps">The steps; none leaves updates as they are.</param>
public sealed class UpdatePipeline(params ImmutableArray<IUpdateStep> steps)
{
    /// <summary>Updates go as they are.</summary>
    public static UpdatePipeline Empty { get; } = new();

    /// <summary>The same steps, and another one after them.</summary>
    public UpdatePipeline Then(IUpdateStep step) => new(steps.Add(step));

    /// <summary>The steps in their order.</summary>
    public ImmutableArray<IUpdateStep> Steps => steps;

    /// <summary>Whether one of them keeps something with the client.</summary>
    public bool KeepsState { get; } = steps.Any(step => step.KeepsState);

    /// <summary>Takes all steps.</summary>
    /// <param name="update">The client's; changed in place.</param>
    /// <param name="context">Its layout and draws.</param>
    /// <returns>What all steps together have done.</returns>
    public UpdateOutcome Apply(ref ClientUpdate update, UpdateContext context)
    {
        var outcome = UpdateOutcome.Unchanged;
        foreach (var step in steps)
        {
            outcome |= step.Apply(ref update, step.KeepsState ? context : context with { Memory = null });
        }

        return outcome;
    }
}
