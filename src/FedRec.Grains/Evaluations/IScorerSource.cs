using FedRec.Core.Evaluation;
using FedRec.Core.Models;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>Lends scorers of one model; safe to share between threads.</summary>
internal interface IScorerSource
{
    /// <summary>Calls the work with a scorer that nobody else is using, or that anybody may use at once.</summary>
    void Use(Action<IScorer> work);
}

/// <summary>Scorers of a version.</summary>
internal sealed class ModelScorers(RunContext run, PreparedModel model) : IScorerSource
{
    public void Use(Action<IScorer> work) => run.Score(worker =>
    {
        work(new LearnerScorer(worker, model));
        return true;
    });
}

/// <summary>One scorer for all threads: a baseline.</summary>
internal sealed class SharedScorer(IScorer scorer) : IScorerSource
{
    public void Use(Action<IScorer> work) => work(scorer);
}
