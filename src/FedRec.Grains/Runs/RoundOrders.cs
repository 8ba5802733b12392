using FedRec.Contracts.Rounds;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>What the round grain is told of each of a run's rounds.</summary>
internal sealed class RoundOrders(RunContext run, RunJournal journal, TrainingOptions options)
{
    /// <summary>The order of a round.</summary>
    /// <param name="plan">What was decided.</param>
    /// <param name="recipe">What the round is.</param>
    /// <param name="checkpoint">Round of the run's last checkpoint.</param>
    public RoundOrder Of(RoundPlan plan, RoundRecipe recipe, int checkpoint)
    {
        var (settings, cohort) = (run.Request.Rounds, run.Algorithm.CohortOf(recipe));
        return new RoundOrder
        {
            RunKey = run.RunKey,
            Round = plan.Number,
            BaseVersion = plan.BaseVersion,
            Clients = run.Source.Hosted?.Chosen is null ? run.Clients : 0,
            Among = run.Source.Hosted?.Chosen,
            Seed = run.Request.Seed,
            Settings = settings with
            {
                CohortSize = cohort.Size,
                ReportGoal = cohort.ReportGoal,
                Deadline = settings.AdaptiveDeadline ? AdaptiveDeadline.Of(settings.Deadline, journal.Rounds) : settings.Deadline,
            },
            UpdateLength = plan.UpdateLength,
            ParameterBytes = sizeof(float) * (long)(recipe.Download ?? run.Learner.Parameters.Length),
            Durable = checkpoint == plan.Number - 1 && !run.Algorithm.HidesUpdates, // or a round that was charged once would open itself again after a crash
            FractionBits = plan.Scale.Bits,
            InBatches = options.AskInBatches && run.Simulated is not null && !run.NeedsMemory,
            Asked = plan.Asked.IsEmpty ? null : [.. plan.Asked.Select(RoundMessages.ToMessage)],
            Epoch = journal.Epoch,
            Since = journal.Since,
            Catalogue = new CatalogueVersion(run.Catalogue.Items.Count, run.Source.Hosted?.Corrections ?? 0, run.CatalogueSha256),
        };
    }
}
