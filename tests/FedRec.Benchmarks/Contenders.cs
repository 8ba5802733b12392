using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;
using TorchSharp;

namespace FedRec.Benchmarks;

/// <summary>Everything that trains a client of workload W, on the same examples where they are fixed.</summary>
internal sealed unsafe class Contenders : IDisposable
{
    public const string Kernel = "kernel";
    public const string Reference = "reference loop";
    public const string Torch = "torch autograd";
    public const string KernelAndSum = "kernel + exact sum";
    public const string WholeClient = "whole client";

    private const float Rate = 4;
    private readonly MatrixFactorization _learner = new(Options, WorkloadW.Items);
    private readonly UpdateBuffer _buffer = new();
    private readonly FixedPointSum _sum;
    private readonly TouchedRows _touched = new(WorkloadW.Items, WorkloadW.Dims);
    private readonly FactorKernel _kernel = new(WorkloadW.Dims, Rate, Options.UserPenalty, Options.ItemPenalty, new LogisticLoss());
    private readonly ReferenceClient _reference = new();
    private readonly TorchClient _torch = new(Rate);
    private readonly ILearnerWorker _worker;
    private readonly PreparedModel _model;
    private readonly float[] _user = new float[WorkloadW.Dims];
    private readonly float[] _delta = new float[WorkloadW.Examples * WorkloadW.Dims];
    private readonly int[] _slots = new int[WorkloadW.Examples];
    private readonly float* _table = ReferenceClient.Allocate(WorkloadW.Items * WorkloadW.Dims);
    private readonly float* _start = ReferenceClient.Allocate(WorkloadW.Dims);
    private readonly int[][] _epochs;
    private readonly ClientData[] _clients;
    private readonly (torch.Tensor Table, torch.Tensor User) _tensors;
    private readonly (torch.Tensor Items, torch.Tensor Labels)[] _examples;

    public Contenders(UserItems train)
    {
        _sum = new FixedPointSum(_learner.Recipe(LearningPhase.Training).Update.Length);
        _worker = _learner.CreateWorker();
        _model = _learner.Prepare(_learner.Initialize(1));
        _model.Parameters.Span.CopyTo(new Span<float>(_table, _model.Parameters.Length));
        StartVector().CopyTo(new Span<float>(_start, WorkloadW.Dims));
        _epochs = [.. Enumerable.Range(0, WorkloadW.Users).Select(user => WorkloadW.Epoch(train, user))];
        _clients = [.. Enumerable.Range(0, WorkloadW.Users).Select(user => new ClientData(train, new[] { user }, WorkloadW.Items))];
        _tensors = (torch.tensor(_model.Parameters.ToArray()).reshape(WorkloadW.Items, WorkloadW.Dims), torch.tensor(StartVector()));
        _examples = [.. _epochs.Select(epoch => (torch.tensor(Array.ConvertAll(epoch, e => (long)(e >> 1))), torch.tensor(Array.ConvertAll(epoch, e => (float)(e & 1)))))];
    }

    private static MatrixFactorizationOptions Options => new()
    {
        Objective = MatrixFactorizationObjective.Logistic,
        Dims = WorkloadW.Dims,
        Negatives = WorkloadW.Negatives,
        BatchSize = WorkloadW.Batch,
        LearningRate = Rate,
        L2User = 1e-9, // as good as none: the torch client has none
        L2Item = 0,
    };

    public IReadOnlyList<Contender> All =>
    [
        new(Kernel, client => TrainKernel(client)),
        new(Reference, client => TrainReference(client)),
        new(KernelAndSum, TrainKernelAndSum),
        new(WholeClient, TrainWhole),
        new(Torch, client => TrainTorch(client)),
    ];

    /// <summary>Fails unless the three ways to train a client give the same rows and loss.</summary>
    public void ThrowUnlessEqual()
    {
        var losses = (TrainKernel(7), TrainReference(7), TrainTorch(7));
        var torchDelta = _delta.ToArray();
        TrainReference(7);
        TrainKernel(7);
        var kernelDelta = _buffer.Values;
        for (var i = 0; i < _delta.Length; i++)
        {
            if (Math.Abs(kernelDelta[i] - _delta[i]) > 1e-6 || Math.Abs(kernelDelta[i] - torchDelta[i]) > 1e-6)
            {
                throw new InvalidOperationException($"Value {i} differs: kernel {kernelDelta[i]}, reference {_delta[i]}, torch {torchDelta[i]}; losses {losses}.");
            }
        }
    }

    public void Dispose()
    {
        _worker.Dispose();
        _reference.Dispose();
        _torch.Dispose();
        System.Runtime.InteropServices.NativeMemory.AlignedFree(_table);
        System.Runtime.InteropServices.NativeMemory.AlignedFree(_start);
    }

    private static float[] StartVector()
    {
        var random = new SeededRandom(5);
        return [.. Enumerable.Range(0, WorkloadW.Dims).Select(_ => (float)random.NextGaussian() * 0.2f)];
    }

    private double TrainKernel(int client)
    {
        _buffer.Clear();
        _touched.Clear();
        StartOf().CopyTo(_user);
        var table = _model.Parameters.Span;
        var epoch = _epochs[client];
        for (var i = 0; i < epoch.Length; i++)
        {
            _slots[i] = (_touched.Add(epoch[i] >> 1) << 1) | (epoch[i] & 1);
        }

        _touched.LayCopies(_buffer, table);
        var loss = 0.0;
        for (var start = 0; start < epoch.Length; start += WorkloadW.Batch)
        {
            loss += _kernel.Step(_user, _buffer.Values, _slots.AsSpan(start, Math.Min(WorkloadW.Batch, epoch.Length - start)));
        }

        _touched.SubtractReceived(table, _buffer);
        return loss;
    }

    private ReadOnlySpan<float> StartOf() => new(_start, WorkloadW.Dims);

    private double TrainReference(int client)
    {
        fixed (int* examples = _epochs[client])
        fixed (float* delta = _delta)
        {
            return _reference.Train(_table, _start, examples, delta, Rate, 1e-9f, 0);
        }
    }

    private void TrainKernelAndSum(int client)
    {
        var loss = TrainKernel(client);
        Add(loss / WorkloadW.Examples, WorkloadW.Examples);
    }

    private void TrainWhole(int client)
    {
        _buffer.Clear();
        var result = _worker.Train(_model, new(_clients[client], SeedSequence.For(1, 1, client)), _buffer);
        Add(result.Loss, result.Examples);
    }

    private void Add(double loss, int examples)
    {
        if (_sum.Clients == _sum.Scale.Clients)
        {
            _sum.Clear();
        }

        if (!_sum.TryAdd(_buffer, examples, loss, examples))
        {
            throw new InvalidOperationException("An update was refused.");
        }
    }

    private double TrainTorch(int client) =>
        _torch.Train(_tensors.Table, _tensors.User, _examples[client].Items, _examples[client].Labels, _delta);
}
