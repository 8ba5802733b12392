using FedRec.Contracts.Clients;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Parties;
using FedRec.Grains.Clients;
using FedRec.Grains.RemoteParties;
using FedRec.Grains.Training;

namespace FedRec.Grains.Recommendations;

/// <summary>Recommendations of a party for its own users, from a model that an order named: what the grain of an organisation with the same data answers from the same model. Needs no silo. Thread-safe.</summary>
public sealed class PartyRecommender : IDisposable
{
    private readonly PartyOrder _order;
    private readonly RunContext _run;
    private readonly PreparedModel _model;

    private PartyRecommender(PartyOrder order, RunContext run, PreparedModel model) => (_order, _run, _model) = (order, run, model);

    /// <summary>Makes a model ready to score.</summary>
    /// <param name="parts">What orders can name.</param>
    /// <param name="data">The party's own items: where they are not found by their ids, the catalogue is in its words.</param>
    /// <param name="order">The order that named the model, checked.</param>
    /// <param name="catalogue">The catalogue that it names.</param>
    /// <param name="model">The parameters that it names: little-endian float32.</param>
    /// <exception cref="ArgumentException">The order names what there is not.</exception>
    /// <exception cref="InvalidDataException">Catalogue or parameters are not what the order says.</exception>
    public static async Task<PartyRecommender> OpenAsync(FederationParts parts, RemoteTrainer data, PartyOrder order, ReadOnlyMemory<byte> catalogue, ReadOnlyMemory<byte> model)
    {
        var run = RemoteTrainer.ContextOf(parts, order, data.CatalogueOf(catalogue.Span), new NobodysData());
        var prepared = data.Models.Get(run, order, model.Span);
        if (prepared.Derived is { IsReady: false } weights)
        {
            await weights.DeriveAsync();
        }

        return new PartyRecommender(order, run, prepared);
    }

    /// <summary>The best items that a user has not met yet.</summary>
    /// <param name="data">What the party's users did, as it was last read.</param>
    /// <param name="query">Who, how many, and with reasons or without; its version is not looked at.</param>
    /// <returns>The list, or why there is none; for a user of whom the catalogue knows nothing there is none.</returns>
    /// <exception cref="ArgumentException">A number is out of its range, or too much is named.</exception>
    public RecommendationAnswer Recommend(RemoteTrainer data, RecommendationQuery query)
    {
        var reference = new ModelReference(_run.RunKey, _order.Update.Round, Version: 0);
        if (WantedItems.Find(_run.Shown, query.Count, query.Part, version: 0, out var refused) is not { } wanted)
        {
            return new RecommendationAnswer(refused.Outcome, 0, [], refused.Reason);
        }

        var own = All(data, query.User).Train();
        return own.History(0) is { Items.IsEmpty: true, Features.IsEmpty: true } ? new RecommendationAnswer(RecommendationOutcome.UnknownUser, 0, [])
            : ClientScoring.Recommend(_run, _run.Personal.IsOn ? _run.Personal.Of(_model, _order.Client, own) : _model, own, wanted, new RecommendOrder(reference, query.User, query.Count, query.Explain, HasRecorded: true, InUse: true, query.Part));
    }

    /// <summary>The items that the model holds nearest to an item, by the model alone.</summary>
    /// <param name="query">The item and how many; its version is not looked at.</param>
    /// <returns>The list, or why there is none.</returns>
    /// <exception cref="ArgumentException">The number is out of its range.</exception>
    public SimilarAnswer FindSimilar(SimilarQuery query)
    {
        WantedItems.Check(query.Count, part: null);
        return SimilarItems.Find(_run, _model, query, version: 0);
    }

    /// <summary>Ends it; whoever is being answered is answered.</summary>
    public void Dispose() => _run.Dispose();

    private PartyHoldings All(RemoteTrainer data, string user) => PartyLog.All(_run.Catalogue, [data.EventsOf(user, _run.Catalogue)], _order.Source.Hosted!.HasRatings);

    // A recommender trains nobody.
    private sealed class NobodysData : IPartyData
    {
        public ValueTask<PartyHoldings> OpenAsync(int client, CancellationToken cancellationToken) => throw new NotSupportedException("A recommender trains nobody.");
    }
}
