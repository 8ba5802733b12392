using FedRec.Contracts.Clients;
using FedRec.Contracts.Recommendations;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Grains.Training;

namespace FedRec.Grains.Clients;

/// <summary>Answers for one user from what the user did, where that is.</summary>
internal static class OwnScoring
{
    /// <summary>The run of the version that is asked; one in use stays in memory.</summary>
    /// <exception cref="ArgumentException">It cannot be used any more.</exception>
    public static Task<RunContext> RunOfAsync(ClientServices services, RecommendOrder order, CancellationToken cancellationToken)
    {
        if (order.InUse)
        {
            services.Runs.Serve(order.Model.RunKey);
            services.Parameters.Serve(order.Model);
        }

        return services.Runs.GetAsync(order.Model.RunKey, cancellationToken);
    }

    /// <summary>The answer.</summary>
    /// <param name="services">Where the model is found.</param>
    /// <param name="run">The run of the version.</param>
    /// <param name="order">What is wanted.</param>
    /// <param name="personal">The user's own model, where the client makes one.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="data">What the user did.</param>
    /// <param name="changes">Number of changes in it: with another one, the user's own model is made anew.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<RecommendationAnswer> AnswerAsync(
        ClientServices services, RunContext run, RecommendOrder order, PersonalModel personal, int client, ClientData data, int changes, CancellationToken cancellationToken)
    {
        await run.LookForCorrectionsAsync();
        if (WantedItems.Find(run.Shown, order.Count, order.Part, order.Model.Version, out var refused) is not { } wanted)
        {
            return new RecommendationAnswer(refused.Outcome, order.Model.Version, [], refused.Reason);
        }

        PreparedModel model;
        try
        {
            model = await services.Parameters.GetToScoreAsync(order.Model, run, cancellationToken);
        }
        catch (ArgumentException exception)
        {
            return new RecommendationAnswer(RecommendationOutcome.DataUnavailable, order.Model.Version, [], exception.Message);
        }

        if (data.History(0) is { Items.IsEmpty: true, Features.IsEmpty: true })
        {
            return new RecommendationAnswer(RecommendationOutcome.UnknownUser, order.Model.Version, []); // nothing to score by
        }

        return run.Personal.IsOn // to make a model one's own may take long
            ? await services.Pools.Scoring.RunAsync(_ => ClientScoring.Recommend(run, personal.Of(run, order.Model, model, client, data, changes), data, wanted, order))
            : await run.Scoring.RunAsync(services.Pools.Scoring, () => ClientScoring.Recommend(run, model, data, wanted, order));
    }

    /// <summary>The answer for somebody who is out.</summary>
    public static RecommendationAnswer Forgotten(RecommendOrder order) =>
        new(RecommendationOutcome.UserForgotten, order.Model.Version, [], "The user was forgotten, and nothing is recommended to a forgotten user.");
}
