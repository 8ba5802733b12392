using System.Numerics.Tensors;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;
using FedRec.Core.Learners;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Publishes the one version of a run that ended well, with what was measured of exactly these parameters.</summary>
internal sealed class RunPublication(RunContext run, RunJournal journal, RunServices services)
{
    /// <summary>Publishes a checkpoint and has it decided whether the version is put in use. Repeating it after a crash finds the version.</summary>
    /// <param name="chosen">The checkpoint.</param>
    /// <param name="model">Its parameters, worked out.</param>
    /// <param name="privacy">What the version says of its clients' privacy; null without.</param>
    /// <exception cref="NotFiniteNumberException">It cannot score somebody of whom nothing is known.</exception>
    public async Task PublishAsync(Checkpoint chosen, PreparedModel model, PrivacyStatement? privacy)
    {
        var start = services.Time.GetTimestamp();
        await services.Pools.Scoring.RunAsync(_ => CheckNewcomer(model));
        var (manifest, promotion) = await services.Publisher.PublishAsync(
            run, model, journal.LastCommitted(chosen.Committed)!, [.. Measurements(chosen.Round)], privacy);
        services.Parameters.Put(new ModelReference(run.RunKey, 0, manifest.Version), model); // what is worked out of it once serves too
        journal.Published(manifest, promotion, services.Time.GetElapsedTime(start).TotalSeconds);
    }

    private IEnumerable<ModelMeasurement> Measurements(int round) => journal.Evaluations
        .Where(evaluation => evaluation.Round == round && evaluation.Users > 0)
        .GroupBy(evaluation => evaluation.OnValidation)
        .OrderByDescending(split => split.Key)
        .Select(split => ToMeasurement(split.Last()));

    private ModelMeasurement ToMeasurement(EvaluationRecord evaluation) => new()
    {
        Split = evaluation.OnValidation ? "validation" : "test",
        Protocol = run.Data.Protocol,
        DataSha256 = run.Data.Hash.Value,
        Users = evaluation.Users,
        Metrics = evaluation.Metrics,
    };

    // Everybody with held-out items was scored in an evaluation; somebody who comes with nothing was not.
    private bool CheckNewcomer(PreparedModel model)
    {
        if (run.Shape.UserFeatures is not null)
        {
            return true; // everybody has features there
        }

        var scores = new float[run.Catalogue.Items.Count];
        run.Score(model, worker =>
        {
            worker.Score(model, Array.Empty<int>(), scores);
            return true;
        });
        return TensorPrimitives.IsFiniteAll(scores) ? true : throw new NotFiniteNumberException("scores for a user of whom nothing is known are not finite");
    }
}
