using FedRec.Core.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedRec.Benchmarks;

/// <summary>The same client written as one does with TorchSharp: autograd, one model reused for all clients, touched rows only.</summary>
internal sealed class TorchClient : IDisposable
{
    private readonly DisposeScope _scope;
    private readonly Parameter _rows; // [examples, dims]
    private readonly Parameter _user; // [dims]
    private readonly optim.Optimizer _optimizer;

    public TorchClient(double learningRate)
    {
        TorchLoader.EnsureLoaded();
        _scope = NewDisposeScope();
        _rows = new Parameter(zeros(WorkloadW.Examples, WorkloadW.Dims));
        _user = new Parameter(zeros(WorkloadW.Dims));
        _optimizer = optim.SGD([_rows, _user], learningRate);
    }

    /// <summary>Rows in, two steps, delta out. Batches are contiguous because the rows are gathered in the order of the examples.</summary>
    public double Train(Tensor table, Tensor user, Tensor items, Tensor labels, float[] delta)
    {
        using var scope = NewDisposeScope();
        var received = table.index_select(0, items);
        using (no_grad())
        {
            _rows.copy_(received);
            _user.copy_(user);
        }

        var loss = 0.0;
        for (long start = 0; start < WorkloadW.Examples; start += WorkloadW.Batch)
        {
            var length = Math.Min(WorkloadW.Batch, WorkloadW.Examples - start);
            _optimizer.zero_grad();
            var mean = nn.functional.binary_cross_entropy_with_logits(_rows.narrow(0, start, length).mv(_user), labels.narrow(0, start, length));
            mean.backward();
            _optimizer.step();
            loss += mean.item<float>() * length;
        }

        using (no_grad())
        {
            (_rows - received).data<float>().CopyTo(delta);
        }

        return loss;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _scope.Dispose();
    }
}
