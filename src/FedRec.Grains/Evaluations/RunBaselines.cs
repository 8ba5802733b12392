using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Federation;
using FedRec.Grains.Runs;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>Trains what a run's versions are compared with, on the run's data. Exists only where a silo simulates all parties.</summary>
internal static class RunBaselines
{
    /// <summary>A recommender that is no federation: a usual one, or the run's own learner with each party's data alone or with all data.</summary>
    /// <returns>A scorer that may be shared by threads.</returns>
    /// <exception cref="ArgumentException">There is no such baseline, or it makes no sense for these parties.</exception>
    public static IScorer Create(string name, RunContext run) => PartyBaselines.Names.Contains(name)
        ? PartyBaselines.Create(name, run.Partition, client => Train(run, client))
        : BaselineRegistry.Create(name, run.Dataset, run.Request.Seed);

    private static VersionScorer Train(RunContext run, ClientData client)
    {
        var rounds = run.Request.Rounds.Count;
        var federation = new InProcessFederation(run.Learner, round => ServerOptimizers.Create(run.Request.ServerOptimizer, round, rounds), ClientWeighting.Parse(run.Request.Rounds.Weighting, run.Request.Rounds.WeightCap));
        return new VersionScorer(run.Learner, federation.Train([client], rounds, run.Request.Seed));
    }
}
