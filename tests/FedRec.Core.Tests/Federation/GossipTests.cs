using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Updates;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Federation;

/// <summary>Training without a server: mixing keeps the average, brings the models together, and with everybody in touch is federated averaging.</summary>
public sealed class GossipTests
{
    private static readonly Dataset s_data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 24, SyntheticItems = 40 });
    private static readonly ClientData[] s_clients = [.. ClientPartition.PerUser(s_data).Clients];
    private static readonly ILearner s_learner = LearnerRegistry.Create(
        "mf", new Dictionary<string, string> { ["dims"] = "4", ["objective"] = "logistic" }, FederationShape.Of(s_data, s_clients.Length));

    [Theory]
    [InlineData(GossipGraph.Ring, 1)]
    [InlineData(GossipGraph.Ring, 2)]
    [InlineData(GossipGraph.Ring, 9)]
    [InlineData(GossipGraph.Random, 2)]
    [InlineData(GossipGraph.Random, 30)]
    public void Weights_AnyPeersTakingPart_AddUpToOneBothWays(string name, int peers)
    {
        var graph = GossipGraph.Create(name, peers, 5);
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var takesPart = Enumerable.Range(0, peers).Select(_ => random.NextDouble() < 0.7).ToArray();
            var columns = new double[peers];
            for (var peer = 0; peer < peers; peer++)
            {
                var weights = graph.Weights(peer, other => takesPart[other]);
                Assert.Equal(1, weights.Sum(one => one.Weight), tolerance: 1e-12);
                Assert.All(weights, one => Assert.True(one.Weight > 0 && (one.Peer == peer || takesPart[one.Peer])));
                foreach (var (other, weight) in weights)
                {
                    columns[other] += weight;
                }
            }

            Assert.All(columns, column => Assert.Equal(1, column, tolerance: 1e-12));
        }
    }

    [Theory]
    [InlineData(GossipGraph.Ring)]
    [InlineData(GossipGraph.Random)]
    public void Create_AnyGraph_HangsTogether(string name) => Assert.All([1, 2, 3, 50], peers =>
    {
        var graph = GossipGraph.Create(name, peers, 3);
        var (reached, next) = (new HashSet<int> { 0 }, new Queue<int>([0]));
        while (next.TryDequeue(out var peer))
        {
            foreach (var other in graph.Neighbours(peer).Where(reached.Add))
            {
                Assert.Contains(peer, graph.Neighbours(other));
                next.Enqueue(other);
            }
        }

        Assert.Equal(peers, reached.Count);
    });

    // Three peers in a ring are all neighbours of each other: what they mix is the mean of their steps, as a server's is.
    [Fact]
    public void Rounds_ThreePeersInTouch_AreFederatedAveraging()
    {
        var (clients, options) = (s_clients[..3], Options(rate: 0.5));
        var gossip = Federation(clients, GossipGraph.Ring, options, new SimulatedFaults(0, 0));
        var server = new FederatedAlgorithm(s_learner, options, 3, [.. clients.Select(client => client.InteractionCount)]);
        var state = server.Init();
        using var worker = s_learner.CreateWorker();
        for (var round = 1; round <= 4; round++)
        {
            var mixed = Next(gossip, clients, worker);
            state = server.Apply(state, round, Sum(server, state, round, clients, worker));

            Assert.Equal(0, mixed.ConsensusDistance, tolerance: 1e-6);
            Assert.All(state.Parameters.ToArray().Zip(gossip.Average.Parameters.ToArray()), pair => Assert.Equal(pair.First, pair.Second, tolerance: 1e-5f));
        }
    }

    [Theory]
    [InlineData(GossipGraph.Ring, 0, 0)]
    [InlineData(GossipGraph.Random, 0, 0)]
    [InlineData(GossipGraph.Random, 0.1, 0.2)]
    public void Rounds_WithSmallerSteps_BringTheModelsTogether(string name, double dropout, double straggler)
    {
        var options = Options(rate: 1) with { OptimizerOf = round => new SgdOptimizer(round <= 10 ? 1 : 1e-9) };
        var gossip = Federation(s_clients, name, options, new SimulatedFaults(dropout, straggler));
        using var worker = s_learner.CreateWorker();
        var rounds = Enumerable.Range(1, 60).Select(_ => (Mixed: Next(gossip, s_clients, worker), Average: gossip.Average.Parameters.ToArray())).ToList();

        var (trained, mixed) = (rounds[9], rounds[59]);
        Assert.True(trained.Mixed.ConsensusDistance > 0);
        Assert.True(mixed.Mixed.ConsensusDistance < 0.5 * trained.Mixed.ConsensusDistance, $"{mixed.Mixed.ConsensusDistance} after {trained.Mixed.ConsensusDistance}");
        Assert.All(trained.Average.Zip(mixed.Average), pair => Assert.Equal(pair.First, pair.Second, tolerance: 1e-4f)); // nothing but mixing from there on
        Assert.All(rounds, round => Assert.Equal(s_clients.Length, round.Mixed.TookPart + round.Mixed.Dropped + round.Mixed.Late + round.Mixed.Rejected));
        Assert.All(rounds, round => Assert.InRange(round.Mixed.Time, 0, 1));
    }

    [Fact]
    public void Rounds_Again_GiveTheSameModel()
    {
        float[] Train()
        {
            var gossip = Federation(s_clients, GossipGraph.Random, Options(rate: 1), new SimulatedFaults(0.1, 0.2));
            using var worker = s_learner.CreateWorker();
            _ = Enumerable.Range(1, 5).Select(_ => Next(gossip, s_clients, worker)).ToList();
            return gossip.Average.Parameters.ToArray();
        }

        Assert.Equal(Train(), Train());
    }

    private static FederatedOptions Options(double rate) =>
        new(new UpdateWay(UpdatePipeline.Empty, MeanAggregator.Instance), ClientWeighting.Parse("uniform", 0), _ => new SgdOptimizer(rate), 7);

    private static GossipFederation Federation(ClientData[] clients, string graph, FederatedOptions options, SimulatedFaults faults) => new(
        new FederatedAlgorithm(s_learner, options, clients.Length, [.. clients.Select(client => client.InteractionCount)]), GossipGraph.Create(graph, clients.Length, 7), faults, 7);

    private static GossipRound Next(GossipFederation gossip, ClientData[] clients, ILearnerWorker worker)
    {
        var buffer = new UpdateBuffer();
        for (var peer = 0; peer < clients.Length; peer++)
        {
            gossip.Train(peer, clients[peer], worker, buffer);
        }

        return gossip.Mix();
    }

    private static IAggregate Sum(FederatedAlgorithm algorithm, ServerState state, int round, ClientData[] clients, ILearnerWorker worker)
    {
        var (recipe, buffer) = (s_learner.Recipe(state.Phase), new UpdateBuffer());
        var (sum, model) = (algorithm.Empty(recipe), s_learner.Prepare(state.Parameters, state.Phase));
        for (var client = 0; client < clients.Length; client++)
        {
            buffer.Clear();
            var result = worker.Train(model, algorithm.TaskOf(round, client, clients[client]), buffer);
            Assert.True(sum.TryAdd(client, algorithm.Send(recipe, round, client, result, buffer).Update));
        }

        return sum.Close();
    }
}
