using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Federation;
using FedRec.Core.Learners;

namespace FedRec.Core.Tests.Scenarios;

/// <summary>What a federation of a scenario's parties is worth: paired differences of NDCG@10.</summary>
internal sealed class ScenarioValue
{
    private readonly ILearner _learner;
    private readonly LearnerDefaults _defaults;
    private readonly VersionScorer _federated;

    public ScenarioValue(Dataset data, string learner, Dictionary<string, string> options)
    {
        (Data, Partition) = (data, ClientPartition.ByParty(data));
        _learner = LearnerRegistry.Create(learner, options, FederationShape.Of(data, Partition.Count));
        _defaults = LearnerRegistry.Find(learner).Recommended(options);
        _federated = Train([.. Partition.Clients]);
    }

    public Dataset Data { get; }

    public ClientPartition Partition { get; }

    /// <summary>Federated minus a baseline, on all users or on those of one party.</summary>
    public PairedDifference Against(string baseline, int? party = null)
    {
        var rival = PartyBaselines.Names.Contains(baseline)
            ? PartyBaselines.Create(baseline, Partition, client => Train([client]))
            : BaselineRegistry.Create(baseline, Data, seed: 1);
        var split = EvaluationSplit.Test(Data);
        var frame = EvaluationFrame.Of(split, [10]);
        var sums = PairedEvaluator.NewSums(frame, BootstrapSums.DefaultReplicates, seed: 0);
        var users = party is { } one ? Partition.UsersOf(one).ToArray() : Enumerable.Range(0, Data.Users.Count).ToArray();
        new PairedEvaluator(split, frame).Evaluate(_federated, rival, users, sums);
        return sums.Finish().Single(difference => difference.Metric == "ndcg@10");
    }

    private VersionScorer Train(IReadOnlyList<ClientData> clients)
    {
        var optimizer = _defaults.ServerOptimizer.Create();
        var federation = new InProcessFederation(_learner, _ => optimizer, ClientWeighting.Parse(_defaults.Weighting, 0));
        return new VersionScorer(_learner, federation.Train(clients, _defaults.Rounds, seed: 1));
    }
}
