using FedRec.Core.Learners.Networks;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.TwoTowers;

/// <summary>One worker's copy of a version in native memory; made anew when the version changes.</summary>
internal sealed class TowerVersion : IDisposable
{
    private readonly TwoTowerShape _shape;
    private PreparedModel? _model;

    public TowerVersion(TwoTowerShape shape)
    {
        _shape = shape;
        Items = empty(shape.ItemCount, shape.Dims + 1).DetachFromDisposeScope();
        Known = empty(shape.ItemCount, 1).DetachFromDisposeScope();
        Dense = empty(shape.DenseLength).DetachFromDisposeScope();
        Features = shape.ItemFeatures.Length == 0 ? null : HostTensors.Matrix(shape.ItemFeatures, shape.ItemFeatures.Length / shape.ItemCount).DetachFromDisposeScope();
    }

    /// <summary>[items, dims + 1].</summary>
    public Tensor Items { get; }

    /// <summary>[items, 1].</summary>
    public Tensor Known { get; }

    /// <summary>[values of both towers].</summary>
    public Tensor Dense { get; }

    /// <summary>[items, encoded features]; null when there are none.</summary>
    public Tensor? Features { get; }

    /// <summary>Makes the tensors those of a version.</summary>
    public void Show(PreparedModel model)
    {
        if (ReferenceEquals(_model, model))
        {
            return;
        }

        var values = model.Parameters.Span;
        var known = _shape.Layout.Offset(TwoTowerShape.Known);
        values[..known].CopyTo(HostTensors.Values(Items));
        values.Slice(known, _shape.ItemCount).CopyTo(HostTensors.Values(Known));
        values[_shape.DenseOffset..].CopyTo(HostTensors.Values(Dense));
        _model = model;
    }

    public void Dispose()
    {
        Items.Dispose();
        Known.Dispose();
        Dense.Dispose();
        Features?.Dispose();
    }
}
