using FedRec.Core.Data;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Federation;
using FedRec.Core.Learners;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>Learners with their recommended settings, in rounds of all clients in a loop.</summary>
internal static class Trained
{
    /// <summary>Rounds that a learner recommends.</summary>
    public static int Rounds(string name) => Recommended(name).Rounds;

    /// <summary>A learner of some data.</summary>
    public static ILearner Learner(string name, Dataset data) => LearnerRegistry.Create(name, Options(name), FederationShape.Of(data, data.Users.Count));

    /// <summary>Trains it.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="clients">Who takes part.</param>
    /// <param name="rounds">Rounds.</param>
    /// <param name="seed">Seed of every draw.</param>
    /// <param name="start">What to begin with; null for what the learner begins with by itself.</param>
    public static ReadOnlyMemory<float> Train(ILearner learner, ClientPartition clients, int rounds, ulong seed, float[]? start = null)
    {
        var defaults = Recommended(learner.Name);
        var optimizer = defaults.ServerOptimizer.Create();
        var federation = new InProcessFederation(learner, _ => optimizer, ClientWeighting.Parse(defaults.Weighting, 0));
        return federation.Train([.. clients.Clients], rounds, seed, start ?? learner.Initialize(seed));
    }

    // ease as it is without the order of items: users who are new have none.
    private static Dictionary<string, string> Options(string name) => name == "ease" ? new() { ["lambda"] = "500" } : [];

    private static LearnerDefaults Recommended(string name) => LearnerRegistry.Find(name).Recommended(Options(name));

    /// <summary>Trains a learner with a client for each user twice: begun with given parameters, and anew.</summary>
    public static (VersionScorer Warm, VersionScorer Anew) Both(string name, Dataset data, float[] begin, int rounds, ulong seed)
    {
        var learner = Learner(name, data);
        var scorers = new VersionScorer[2];
        Parallel.For(0, 2, i => scorers[i] = new VersionScorer(learner, Train(learner, ClientPartition.PerUser(data), rounds, seed, i == 0 ? [.. begin] : null)));
        return (scorers[0], scorers[1]);
    }
}
