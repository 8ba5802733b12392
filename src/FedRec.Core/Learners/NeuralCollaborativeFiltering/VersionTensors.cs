using FedRec.Core.Learners.Networks;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.NeuralCollaborativeFiltering;

/// <summary>One worker's copy of a version's parameters in native memory; made anew when the version changes.</summary>
/// <remarks>Held by the worker and not by the version: native memory is freed when the worker says so, and not when the garbage
/// collector finds time.</remarks>
internal sealed class VersionTensors(NetworkShape shape) : IDisposable
{
    private readonly Tensor _items = empty(shape.Layout.Blocks[NetworkShape.Items].Rows, shape.ItemColumns).DetachFromDisposeScope();
    private readonly Tensor _history = empty(shape.Layout.Blocks[NetworkShape.History].Rows, shape.UserColumns).DetachFromDisposeScope();
    private readonly Tensor _dense = empty(shape.DenseLength).DetachFromDisposeScope();
    private PreparedModel? _model;

    /// <summary>[items, item columns].</summary>
    public Tensor Items => _items;

    /// <summary>[items, user columns].</summary>
    public Tensor History => _history;

    /// <summary>[values of the dense blocks].</summary>
    public Tensor Dense => _dense;

    /// <summary>Makes the tensors those of a version.</summary>
    public void Show(PreparedModel model)
    {
        if (ReferenceEquals(_model, model))
        {
            return;
        }

        var values = model.Parameters.Span;
        var history = shape.Layout.Offset(NetworkShape.History);
        values[..history].CopyTo(HostTensors.Values(_items));
        values[history..shape.DenseOffset].CopyTo(HostTensors.Values(_history));
        values[shape.DenseOffset..].CopyTo(HostTensors.Values(_dense));
        _model = model;
    }

    public void Dispose()
    {
        _items.Dispose();
        _history.Dispose();
        _dense.Dispose();
    }
}
