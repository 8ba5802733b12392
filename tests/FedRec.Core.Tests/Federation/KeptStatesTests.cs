using System.Numerics.Tensors;
using CsCheck;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Learners.MatrixFactorizations;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Federation;

/// <summary>What clients keep adds up to what the server has counted: Σcᵢ = N·c, after every round and whatever went wrong in it.</summary>
public sealed class KeptStatesTests
{
    private const int Clients = 6;
    private const int Rounds = 8;
    private const int Dims = 4;

    private static readonly MatrixFactorization s_learner = new(
        Toy.Options(MatrixFactorizationObjective.Logistic, Dims) with { LearningRate = 0.05, LocalSgd = new LocalSgdOptions { Scaffold = true } },
        new FederationShape(Toy.Items, Clients));

    /// <summary>What becomes of a client's update.</summary>
    private enum Fate
    {
        Counted,
        Late,
        Rejected,
        Unsent, // kept, and lost before it was sent
        Unasked,
    }

    /// <summary>What becomes of a round beside that.</summary>
    private enum Accident
    {
        None,
        CrashBeforeItIsStored,
        CrashAfterwards, // what is not stored, such as abandoned rounds, is done again
    }

    [Fact]
    public void Rounds_WithLateRejectedAndLostUpdatesAbandonedRoundsAndCrashes_KeepTheSumOfControls() =>
        Gen.Select(Gen.Enum<Fate>().Array[Clients], Gen.Enum<Accident>()).Array[Rounds].Sample(
            rounds =>
            {
                var federation = new ScaffoldFederation();
                foreach (var (fates, accident) in rounds)
                {
                    federation.Run(fates, accident);
                    federation.AssertControlsAddUp();
                }
            },
            iter: 40);

    [Fact]
    public void For_ARoundThatIsTrainedAgain_IsTheStateBeforeIt()
    {
        var kept = new KeptStates(5, new byte[] { 1 }, new byte[] { 2 });

        Assert.Equal([0, 0, 5], new[] { kept.Undecided(4), kept.Undecided(5), kept.Undecided(6) });
        Assert.Equal([1], kept.For(5, counted: true).ToArray());
        Assert.Equal([1], kept.For(6, counted: false).ToArray());
        Assert.Equal([2], kept.For(6, counted: true).ToArray());
    }

    [Fact]
    public void For_TheFirstRound_IsNothing_SinceARunThatIsRepeatedBeginsAnew() =>
        Assert.True(new KeptStates(5, new byte[] { 1 }, new byte[] { 2 }).For(1, counted: false).IsEmpty);

    /// <summary>Rounds of SCAFFOLD without a cluster, in which things go wrong.</summary>
    private sealed class ScaffoldFederation
    {
        private readonly ClientData[] _data = [.. Enumerable.Range(0, Clients).Select(client => Toy.Client(2 * client, (2 * client) + 1))];
        private readonly KeptStates[] _kept = [.. Enumerable.Repeat(KeptStates.None, Clients)];
        private readonly List<HashSet<int>> _outcomes = []; // whom each round has counted; nobody when it was abandoned
        private ServerState _state = ServerState.Initial(s_learner.Initialize(1));
        private int _stored; // rounds that a crash does not undo

        public void Run(Fate[] fates, Accident accident)
        {
            var number = _outcomes.Count + 1;
            var round = new Round(new RoundPlan(number, 0, [.. Enumerable.Range(0, Clients)], Clients, 2, s_learner.Recipe(LearningPhase.Training).Update.Length));
            round.Open();
            for (var client = 0; client < Clients; client++)
            {
                Train(round, client, fates[client]);
            }

            round.Expire();
            if (round.Phase == RoundPhase.Aggregating && accident != Accident.CrashBeforeItIsStored)
            {
                var delta = new float[s_learner.Parameters.Length];
                s_learner.Conclude(_state, round.Sum, delta);
                _state = new SgdOptimizer().Apply(_state, delta);
                round.Commit();
                _stored = number;
            }

            _outcomes.Add(round.Phase == RoundPhase.Committed ? [.. round.Clients(ClientState.Counted)] : []);
            if (accident != Accident.None)
            {
                _outcomes.RemoveRange(_stored, _outcomes.Count - _stored);
            }
        }

        public void AssertControlsAddUp()
        {
            var length = s_learner.Parameters.Blocks[1].Length;
            var (sum, controls) = (new float[length], new OwnControls(Toy.Items, Dims));
            for (var client = 0; client < Clients; client++)
            {
                controls.Load(Settled(client, _outcomes.Count + 1).Span);
                for (var item = 0; item < Toy.Items; item++)
                {
                    var own = sum.AsSpan(item * Dims, Dims);
                    TensorPrimitives.Add(own, controls[item], own);
                }
            }

            var expected = new float[length];
            TensorPrimitives.Multiply(_state.Parameters.Span[s_learner.Parameters.Offset(1)..], Clients, expected);
            Assert.True(TensorPrimitives.Distance<float>(expected, sum) <= 1e-4 * (1 + TensorPrimitives.Norm<float>(expected)));
        }

        private void Train(Round round, int client, Fate fate)
        {
            if (fate == Fate.Unasked)
            {
                round.Report(client, ClientState.Dropped);
                return;
            }

            var number = round.Plan.Number;
            var before = Settled(client, number);
            using var worker = s_learner.CreateWorker();
            var buffer = new UpdateBuffer();
            var result = worker.Train(s_learner.Prepare(_state.Parameters), new(_data[client], SeedSequence.For(1, number, client), before), buffer);
            _kept[client] = new KeptStates(number, before, result.State);
            if (fate == Fate.Rejected)
            {
                round.Report(client, ClientState.Rejected);
            }
            else if (fate == Fate.Counted)
            {
                var own = new FixedPointSum(s_learner.Recipe(LearningPhase.Training).Update.Length);
                Assert.True(own.TryAdd(buffer, 1, result.Loss, result.Examples));
                Assert.Equal(SubmissionOutcome.Accepted, round.Submit(new Submission(number, 0, [client], own)));
            }
        }

        private ReadOnlyMemory<byte> Settled(int client, int round)
        {
            var undecided = _kept[client].Undecided(round);
            return _kept[client].For(round, undecided > 0 && _outcomes[undecided - 1].Contains(client));
        }
    }
}
