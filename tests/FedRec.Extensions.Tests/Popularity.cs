using System.Numerics.Tensors;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Updates;

namespace FedRec.Extensions.Tests;

/// <summary>A learner: the share of clients that have an item is its score.</summary>
public sealed class Popularity(int items) : ILearner, ILearnerWorker
{
    private readonly RoundRecipe _recipe = new(new UpdateLayout(new UpdateBlock("shares", items, 1, BlockRole.Delta)));
    public static LearnerDescriptor Descriptor { get; } = new("popularity", "what most clients have", options: [],
        create: (_, federation) => new Popularity(federation.Items),
        recommend: _ => new LearnerDefaults(new ServerOptimizerOptions(), "uniform", Rounds: 1));
    public string Name => "popularity";
    public ParameterLayout Parameters { get; } = new(new ParameterBlock("shares", items, 1));
    public RoundRecipe Recipe(LearningPhase phase) => _recipe;
    public float[] Initialize(ulong seed) => new float[items];
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters, LearningPhase phase) => new(parameters, phase);
    public ILearnerWorker CreateWorker() => this; // it needs no scratch memory, so that one serves all threads
    public StepProposal Conclude(ServerState state, IAggregate aggregate, Span<float> delta)
    {
        aggregate.Mean(delta);
        return new StepProposal(LearningPhase.Training);
    }
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output)
    {
        var delta = output.Segment(0, items); // what the client has, 1 or 0, minus what it was sent
        TensorPrimitives.Negate(model.Parameters.Span, delta);
        foreach (var item in task.Data.Items(user: 0)) { delta[item]++; }
        return new LocalResult(Loss: 0, task.Data.InteractionCount);
    }
    public void Score(PreparedModel model, UserHistory history, Span<float> scores) => model.Parameters.Span.CopyTo(scores);
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts) => parts.Clear();
    public void Dispose() { }
}
