using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Models;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>Lends scorers of one model; safe to share between threads.</summary>
internal interface IScorerSource
{
    /// <summary>Calls the work with a scorer for a client's users that nobody else is using, or that anybody may use at once.</summary>
    void Use(int client, Action<IScorer> work);
}

/// <summary>Scorers of a version as clients make it their own.</summary>
/// <param name="run">The run of the version.</param>
/// <param name="model">The version.</param>
/// <param name="dataOf">A client's data by its number; null when clients take the version as it is shared.</param>
internal sealed class ModelScorers(RunContext run, PreparedModel model, Func<int, ClientData>? dataOf) : IScorerSource
{
    public void Use(int client, Action<IScorer> work) => run.Score(model, worker =>
    {
        work(new LearnerScorer(worker, dataOf is null ? model : run.Personal.Of(model, client, dataOf(client))));
        return true;
    });
}

/// <summary>One scorer for all threads: a baseline.</summary>
internal sealed class SharedScorer(IScorer scorer) : IScorerSource
{
    public void Use(int client, Action<IScorer> work) => work(scorer);
}
