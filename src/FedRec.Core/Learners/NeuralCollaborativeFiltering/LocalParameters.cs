using FedRec.Core.Learners.Networks;
using FedRec.Core.Updates;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.NeuralCollaborativeFiltering;

/// <summary>A client's own copies of the parameters it touches, and the received values they began with.</summary>
/// <remarks>Lives in the caller's dispose scope.</remarks>
internal sealed class LocalParameters
{
    private readonly Tensor[] _received;

    /// <summary>Copies the touched rows and all dense parameters.</summary>
    public LocalParameters(VersionTensors version, LocalPlan plan)
    {
        _received =
        [
            version.Items.index_select(0, HostTensors.Rows(plan.Touched.Items)),
            version.History.index_select(0, HostTensors.Rows(plan.Own.Items)),
            version.Dense,
        ];
        Trained = [.. _received.Select(received => received.clone().requires_grad_())];
    }

    /// <summary>Rows of <see cref="Items"/>, rows of <see cref="History"/>, and <see cref="Dense"/>: what is stepped.</summary>
    public Tensor[] Trained { get; }

    /// <summary>What <see cref="Trained"/> began with.</summary>
    public Tensor[] Received => _received;

    /// <summary>[touched items, item columns].</summary>
    public Tensor Items => Trained[0];

    /// <summary>[own items, user columns].</summary>
    public Tensor History => Trained[1];

    /// <summary>[values of the dense blocks].</summary>
    public Tensor Dense => Trained[2];

    /// <summary>Writes trained minus received.</summary>
    public void WriteDeltas(NetworkShape shape, LocalPlan plan, UpdateBuffer output)
    {
        using var noGradient = no_grad();
        Delta(0).CopyTo(output.Rows(plan.Touched.Items, shape.ItemColumns));
        var history = Delta(1);
        var own = plan.Own.Items;
        var (offset, columns) = (shape.Layout.Offset(NetworkShape.History), shape.UserColumns);
        for (var slot = 0; slot < own.Length; slot++)
        {
            history.Slice(slot * columns, columns).CopyTo(output.Segment(offset + (own[slot] * columns), columns));
        }

        Delta(2).CopyTo(output.Segment(shape.DenseOffset, shape.DenseLength));
    }

    private ReadOnlySpan<float> Delta(int index) => HostTensors.Values(HostTensors.Subtract(Trained[index], _received[index]));
}
