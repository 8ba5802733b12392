using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.NeuralCollaborativeFiltering;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Benchmarks;

/// <summary>What one tensor program for many users saves: the users of workload W as clients of their own, and as clients of many.</summary>
internal sealed class NeuralBatching : IDisposable
{
    public const string Alone = "ncf, a client each";
    public const string Together = "ncf, 32 users at once";

    private const int Batch = 32;
    private readonly NeuralLearner _learner = new(new NeuralOptions { Batch = Batch }, WorkloadW.Items);
    private readonly UpdateBuffer _buffer = new();
    private readonly ILearnerWorker _worker;
    private readonly PreparedModel _model;
    private readonly ClientData[] _alone;
    private readonly ClientData[] _together;

    public NeuralBatching(UserItems train)
    {
        _worker = _learner.CreateWorker();
        _model = _learner.Prepare(_learner.Initialize(1));
        _alone = [.. Enumerable.Range(0, WorkloadW.Users).Select(user => new ClientData(train, new[] { user }, WorkloadW.Items))];
        _together = [.. Enumerable.Range(0, WorkloadW.Users / Batch).Select(group => new ClientData(train, Enumerable.Range(group * Batch, Batch).ToArray(), WorkloadW.Items))];
    }

    /// <summary>Both train <see cref="Users"/> users; a batch counts when its last user's turn comes.</summary>
    public IReadOnlyList<Contender> All =>
    [
        new(Alone, user => Train(_alone[user])),
        new(Together, user => TrainBatch(user)),
    ];

    /// <summary>A whole number of batches.</summary>
    public static int Users => 2 * Batch;

    public void Dispose() => _worker.Dispose();

    private void TrainBatch(int user)
    {
        if (user % Batch == Batch - 1)
        {
            Train(_together[user / Batch]);
        }
    }

    private void Train(ClientData client)
    {
        _buffer.Clear();
        _worker.Train(_model, new(client, SeedSequence.For(1, 1, 0)), _buffer);
    }
}
