using FedRec.Core.Learners.Networks;
using FedRec.Core.Updates;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.TwoTowers;

/// <summary>A client's own copies of the parameters it touches, the received values they began with, and what is known of the items it touches.</summary>
/// <remarks>Lives in the caller's dispose scope.</remarks>
internal sealed class LocalTowers
{
    private readonly TwoTowerShape _shape;
    private readonly Tensor _known;
    private readonly Tensor? _features;
    private readonly Tensor _own;

    /// <summary>Copies the touched items' rows and both towers.</summary>
    public LocalTowers(TwoTowerShape shape, TowerVersion version, LocalPlan plan)
    {
        _shape = shape;
        var touched = HostTensors.Rows(plan.Touched.Items);
        Received = [version.Items.index_select(0, touched), version.Dense];
        Trained = [.. Received.Select(values => values.clone().requires_grad_())];
        (_known, _features) = (version.Known.index_select(0, touched), version.Features?.index_select(0, touched));
        _own = HostTensors.Rows(OwnSlots(plan));
    }

    /// <summary>[touched items, dims + 1], and [values of both towers]: what is stepped.</summary>
    public Tensor[] Trained { get; }

    /// <summary>What <see cref="Trained"/> began with.</summary>
    public Tensor[] Received { get; }

    /// <summary>Whether the items have features, which can stand in for their embeddings.</summary>
    public bool HasFeatures => _features is not null;

    /// <summary>Items the client touches.</summary>
    public int Items => (int)_known.shape[0];

    /// <summary>Loss of one step: cross-entropy of all its pairs.</summary>
    /// <param name="step">Its users and candidates.</param>
    /// <param name="examples">Laid out for <paramref name="step"/>.</param>
    /// <param name="users">[users, encoded features]; null when there are none.</param>
    /// <param name="kept">[touched items, 1]: 0 for candidates whose embedding and bias are left out; null when none are.</param>
    public Tensor Loss(LocalStep step, StepExamples examples, Tensor? users, Tensor? kept)
    {
        var network = new TowerNetwork(_shape, Trained[1]);
        var (whole, wholeBiases) = TowerNetwork.Items(Trained[0], _known, _features);
        var (inputs, biases) = kept is null ? (whole, wholeBiases) : TowerNetwork.Items(Trained[0], _known * kept, _features);
        var vectors = network.UserVectors(users, examples.History, whole.index_select(0, _own));
        var candidates = HostTensors.Rows(step.Candidates);
        var scores = TowerNetwork.Scores(vectors, network.ItemVectors(inputs.index_select(0, candidates)), biases.index_select(0, candidates));
        // Nobody can have taken an item without interactions here: as a negative it would teach that what has no embedding is not liked.
        return nn.functional.binary_cross_entropy_with_logits(scores, examples.Targets, weight: _known.index_select(0, candidates).t());
    }

    /// <summary>Writes trained minus received.</summary>
    public void WriteDeltas(LocalPlan plan, UpdateBuffer output)
    {
        using var noGradient = no_grad();
        Delta(0).CopyTo(output.Rows(plan.Touched.Items, _shape.Dims + 1));
        Delta(1).CopyTo(output.Segment(_shape.DenseOffset, _shape.DenseLength));
    }

    private static int[] OwnSlots(LocalPlan plan)
    {
        var slots = plan.Own.Items.ToArray();
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = plan.Touched.Add(slots[i]); // own items are candidates of their step
        }

        return slots;
    }

    private ReadOnlySpan<float> Delta(int index) => HostTensors.Values(HostTensors.Subtract(Trained[index], Received[index]));
}
