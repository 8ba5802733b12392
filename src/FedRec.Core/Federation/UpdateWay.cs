using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Updates;

namespace FedRec.Core.Federation;

/// <summary>The way of the updates of a run from the client to the server: the steps each takes, and what makes one thing of them.</summary>
/// <param name="Steps">What each update goes through at its client.</param>
/// <param name="Aggregator">What makes one thing of them.</param>
public sealed record UpdateWay(UpdatePipeline Steps, IAggregator Aggregator)
{
    private const long MostBytes = 1 << 30;

    /// <summary>Whether updates are masked, so that nobody reads one by itself.</summary>
    public bool IsMasked => !ReferenceEquals(Aggregator.Opened, Aggregator);

    /// <summary>The way that a learner's updates can take.</summary>
    /// <param name="learner">The learner of the run.</param>
    /// <param name="parts">What the settings name.</param>
    /// <param name="settings">What is asked for.</param>
    /// <param name="clients">Most clients of a round.</param>
    /// <exception cref="ArgumentException">There is no such part, or what the learner's clients send cannot take such steps, cannot be aggregated so, or is too much to be kept one by one.</exception>
    public static UpdateWay For(ILearner learner, FederationParts parts, UpdateSettings settings, int clients)
    {
        var (clipNorm, aggregator) = (settings.ClipNorm, settings.Aggregator);
        var steps = parts.Steps(settings.Steps);
        if ((clipNorm > 0 || steps != UpdatePipeline.Empty) && !learner.Recipe(LearningPhase.Training).Update.Has(BlockRole.Delta))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"{(clipNorm > 0 ? $"clip-norm is {clipNorm}" : $"steps is {settings.Steps}")}, but with these options clients of {learner.Name} send exact statistics, which {(clipNorm > 0 ? "clipping" : "a step")} would make wrong; leave it out, or take ncf, two-tower, mlp, or mf with objective logistic or bpr."));
        }

        ThrowUnlessCoded(learner, steps, settings.Steps);
        if (steps.Steps.Count(step => step.KeepsState) > 1)
        {
            throw new ArgumentException($"steps is {settings.Steps}, but only one step may keep something with the clients (topk); leave the others out.");
        }

        // Clipped last: the bound holds for what is sent.
        var way = new UpdateWay(clipNorm > 0 ? steps.Then(new NormClipping(clipNorm)) : steps, parts.Aggregator(aggregator, settings.Trim).WithLayout(learner.Recipe(LearningPhase.Training).Update));
        if (way.IsMasked)
        {
            ThrowUnlessMasked(learner, way, settings);
        }

        if (!way.Aggregator.TakesDirectionsOnly)
        {
            return way;
        }

        if (ExactBlocks(learner) is { Length: > 0 } exact)
        {
            throw new ArgumentException(
                $"aggregator is {aggregator}, but with these options {learner.Name} adds up {string.Join(" and ", exact)}, of which only the exact sum is right; take mean, or ncf, or mf with objective logistic or bpr.");
        }

        var bytes = clients * sizeof(float) * (long)learner.Recipe(LearningPhase.Training).Update.Length;
        return bytes <= MostBytes ? way : throw new ArgumentException(FormattableString.Invariant(
            $"aggregator is {aggregator}, for which the server keeps every update of a round: {clients:N0} clients can send {bytes >> 20:N0} MB, and {MostBytes >> 20:N0} MB is the most. Give a smaller --cohort, or deal the users to --parties."));
    }

    // A masked update is dense, and an update that was masked cannot be shown to have gone wrong: nothing may depend on whether it was counted.
    private static void ThrowUnlessMasked(ILearner learner, UpdateWay way, UpdateSettings settings)
    {
        if (way.Steps.Steps.FirstOrDefault(step => step is Sparsification or Quantization or Packing) is not null)
        {
            throw new ArgumentException($"aggregator is {settings.Aggregator} and steps is {settings.Steps}, but a masked update is as long for everybody, whatever is in it; leave topk, float16, int8, int4 and zstd out.");
        }

        if (learner.Recipe(LearningPhase.Training).KeepsState)
        {
            throw new ArgumentException($"aggregator is {settings.Aggregator}, but with these options clients of {learner.Name} keep something from round to round that goes with the update that was counted; leave scaffold out, or take mean.");
        }
    }

    // What is rounded must be sent as it is.
    private static void ThrowUnlessCoded(ILearner learner, UpdatePipeline steps, string? text)
    {
        var rounding = steps.Steps.ToList().FindIndex(step => step is Quantization);
        if (rounding >= 0 && steps.Steps.Skip(rounding + 1).Any(step => step is not Packing))
        {
            throw new ArgumentException($"steps is {text}, but nothing except zstd may come after the values are rounded (float16, int8, int4): it would change what was rounded. Put the other steps before.");
        }

        if (steps.Steps.Any(step => step is Quantization or Sparsification) && !learner.Recipe(LearningPhase.Training).Update.IsAll(BlockRole.Delta))
        {
            throw new ArgumentException($"steps is {text}, but with these options clients of {learner.Name} send exact statistics beside their directions, which rounding or leaving some out would make wrong; leave topk, float16, int8 and int4 out.");
        }
    }

    /// <summary>Refuses learners of which not all that clients send is a direction, which can be clipped, and those whose clients keep something beside it.</summary>
    /// <exception cref="ArgumentException">It is such a one; the message says which can be trained with privacy.</exception>
    public static void ThrowUnlessPrivate(ILearner learner)
    {
        if (ExactBlocks(learner) is { Length: > 0 } exact)
        {
            throw new ArgumentException(
                $"privacy is asked for, but with these options {learner.Name} adds up {string.Join(" and ", exact)}, which cannot be clipped to a length; take ncf, or mf with objective logistic or bpr, and personalize by another way than clusters.");
        }

        if (learner.Recipe(LearningPhase.Training).KeepsState)
        {
            throw new ArgumentException($"privacy is asked for, but with these options clients of {learner.Name} keep something from round to round that their updates depend on; leave it out.");
        }
    }

    private static string[] ExactBlocks(ILearner learner) =>
    [
        .. new[] { learner.PhaseOf(learner.Initialize(0)), LearningPhase.Training }.SelectMany(phase => learner.Recipe(phase).Update.Blocks)
            .Where(block => block.Role != BlockRole.Delta).Select(block => block.Name).Distinct(),
    ];
}

/// <summary>What a run asks for on the way of its updates.</summary>
/// <param name="ClipNorm">L2 norm to which the direction of an update is clipped after all steps; 0 for none. Default: 0.</param>
/// <param name="Aggregator">One of <see cref="FederationParts.Aggregators"/>. Default: mean.</param>
/// <param name="Trim">The number that the aggregator goes by; 0 for its default. Default: 0.</param>
/// <param name="Steps">As <see cref="FederationParts.Steps"/> reads them; null for none. Default: null.</param>
public sealed record UpdateSettings(double ClipNorm = 0, string Aggregator = "mean", double Trim = 0, string? Steps = null);
