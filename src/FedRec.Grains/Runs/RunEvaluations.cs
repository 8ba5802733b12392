using FedRec.Contracts.Clients;
using FedRec.Contracts.Evaluations;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Evaluates one run: after which rounds, on which interactions, and no round twice.</summary>
/// <remarks>Where validation interactions are held out, no others are looked at before training has ended: by them runs are stopped and compared.</remarks>
internal sealed class RunEvaluations(RunContext run, RunJournal journal, FederatedEvaluator evaluator)
{
    /// <summary>Whether there are validation interactions.</summary>
    public bool HoldsOut => run.Source.HoldOutValidation;

    /// <summary>Whether a round is to be evaluated while the run trains.</summary>
    /// <remarks>Round 0 is where the curves begin: the untrained model. After the last round the model is evaluated anyway.</remarks>
    public bool IsDue(int round) =>
        round == 0 || (run.Request.EvaluateEvery > 0 && round % run.Request.EvaluateEvery == 0 && round < run.Request.Rounds.Count);

    /// <summary>Evaluates the last round, unless that has happened.</summary>
    /// <param name="stopping">The silo or the activation stops.</param>
    /// <returns>The result, recorded; null when it had been recorded before: taken in twice, it would count twice towards a plateau.</returns>
    /// <exception cref="OperationCanceledException">The silo or the activation stops: nothing is recorded.</exception>
    public async Task<EvaluationRecord?> EvaluateOnceAsync(CancellationToken stopping)
    {
        var round = journal.RoundsDone;
        return journal.IsEvaluated(round, HoldsOut)
            ? null
            : await EvaluateAsync(new ModelReference(run.RunKey, round, 0), round, HoldsOut, stopping);
    }

    /// <summary>Evaluates the model that the run is about to publish, on the test interactions, unless that has happened.</summary>
    /// <param name="model">The parameters after a round.</param>
    /// <param name="round">The round.</param>
    /// <param name="stopping">The silo or the activation stops.</param>
    /// <exception cref="OperationCanceledException">The silo or the activation stops: nothing is recorded.</exception>
    public Task EvaluateAtEndAsync(ModelReference model, int round, CancellationToken stopping) =>
        journal.IsEvaluated(round, onValidation: false) ? Task.CompletedTask : EvaluateAsync(model, round, onValidation: false, stopping);

    private async Task<EvaluationRecord> EvaluateAsync(ModelReference model, int round, bool onValidation, CancellationToken stopping)
    {
        var evaluation = await evaluator.EvaluateAsync(run, model, RunTargets.Cutoffs, onValidation) with { Round = round };
        stopping.ThrowIfCancellationRequested(); // clients of a stopping silo may be missing in it
        journal.Evaluated(evaluation);
        return evaluation;
    }
}
