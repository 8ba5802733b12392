using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;

namespace FedRec.Core.Federation.ServerOptimizers;

/// <summary>Where a run stands, by which its learner says what the next round is.</summary>
/// <param name="Name">What its rounds are for, such as <c>training</c> or <c>votes</c>.</param>
/// <param name="Rounds">Rounds done, for learners whose rounds differ. Default: 0.</param>
public sealed record LearningPhase(string Name, int Rounds = 0)
{
    /// <summary>Rounds in which clients train, all alike.</summary>
    public static LearningPhase Training { get; } = new("training");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static LearningPhase Parse(string text) => text.Split('/') is [{ Length: > 0 } name, var rounds] && int.TryParse(rounds, CultureInfo.InvariantCulture, out var done)
        ? new LearningPhase(name, done)
        : throw new InvalidDataException($"'{text}' is no phase; it is a name, a slash and a number of rounds.");

    /// <summary>Name and rounds, such as <c>votes/3</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}/{Rounds}");
}

/// <summary>Everything of the server that must survive a restart: shared parameters, the optimizer's moments and its step.</summary>
/// <param name="Parameters">The shared parameters, P values that do not change any more.</param>
/// <param name="Step">Server steps taken, from 0.</param>
/// <param name="Moments">The optimizer's vectors by name, P values each; one that is missing counts as zeros.</param>
public sealed record ServerState(
    ReadOnlyMemory<float> Parameters,
    long Step,
    ImmutableSortedDictionary<string, ReadOnlyMemory<float>> Moments)
{
    /// <summary>Where the run stands, and so what its next round is. Default: it trains.</summary>
    public LearningPhase Phase { get; init; } = LearningPhase.Training;

    /// <summary>The state before the first step: no moments yet.</summary>
    /// <param name="parameters">P values that do not change any more; kept, not copied.</param>
    public static ServerState Initial(ReadOnlyMemory<float> parameters) =>
        new(parameters, 0, ImmutableSortedDictionary.Create<string, ReadOnlyMemory<float>>(StringComparer.Ordinal));

    /// <summary>The state after statistics were added: they are no direction, so no optimizer sees them and no step is counted.</summary>
    /// <param name="delta">P values.</param>
    /// <exception cref="ArgumentException"><paramref name="delta"/> is not of length P.</exception>
    public ServerState Plus(ReadOnlySpan<float> delta)
    {
        ThrowUnlessFits(delta);
        var sum = new float[delta.Length];
        TensorPrimitives.Add(delta, Parameters.Span, sum);
        return this with { Parameters = sum };
    }

    /// <summary>Looks for what is not finite: a model that has diverged.</summary>
    /// <returns>Position of the first such parameter; −1 when it is one of the moments; null when everything is finite.</returns>
    public int? FirstNotFinite()
    {
        if (!TensorPrimitives.IsFiniteAll(Parameters.Span))
        {
            return FirstNotFinite(Parameters.Span);
        }

        return Moments.Values.All(moment => TensorPrimitives.IsFiniteAll(moment.Span)) ? null : -1;
    }

    /// <summary>A moment to read from; zeros before it was first written.</summary>
    /// <exception cref="ArgumentException">The stored moment is not of length P.</exception>
    internal ReadOnlySpan<float> Moment(string name)
    {
        if (!Moments.TryGetValue(name, out var moment))
        {
            return new float[Parameters.Length];
        }

        return moment.Length == Parameters.Length
            ? moment.Span
            : throw new ArgumentException($"Moment {name} has {moment.Length} values, but there are {Parameters.Length} parameters.");
    }

    private static int FirstNotFinite(ReadOnlySpan<float> values)
    {
        var position = 0;
        while (float.IsFinite(values[position]))
        {
            position++;
        }

        return position;
    }

    /// <summary>Refuses a delta that does not fit.</summary>
    internal void ThrowUnlessFits(ReadOnlySpan<float> meanDelta)
    {
        if (meanDelta.Length != Parameters.Length)
        {
            throw new ArgumentException($"A delta of {meanDelta.Length} values does not fit {Parameters.Length} parameters.", nameof(meanDelta));
        }
    }
}
