using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;

namespace Shop;

/// <summary>All that the shop says to FedRec: what is sold, what was ordered, when to learn, and what to show.</summary>
/// <param name="grains">FedRec, in this process.</param>
/// <param name="shop">The shop's own records.</param>
internal sealed class Adviser(IGrainFactory grains, ShopDatabase shop)
{
    private const string Federation = "shop";
    private const int Shown = 4;
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(10);

    /// <summary>What a customer may like, with reasons; what most order while nothing is known of the customer, and null before the first version.</summary>
    public async Task<RecommendationAnswer?> AdviseAsync(string customer, CancellationToken cancellationToken)
    {
        var query = new RecommendationQuery(customer, Shown, Explain: true, Version: 0);
        var answer = await grains.GetGrain<IRecommenderGrain>(Federation).RecommendAsync(query, cancellationToken);
        return answer.HasList() ? answer : null;
    }

    /// <summary>Tells of an order, which the customer's next list goes by; a customer who is new is taken in.</summary>
    public async Task TellAsync(Order order, CancellationToken cancellationToken)
    {
        await OfferAsync(cancellationToken);
        var receipt = await grains.GetGrain<IHistoryGrain>(Federation).RecordAsync(Change(order), cancellationToken);
        Require(receipt.Outcome is HistoryOutcome.Recorded, receipt.Message);
    }

    /// <summary>Trains a version on all orders.</summary>
    /// <returns>The version, which is in use unless it is worse than the one before.</returns>
    public async Task<long> LearnAsync(CancellationToken cancellationToken)
    {
        await OfferAsync(cancellationToken);
        await HandOverAsync(cancellationToken);
        var request = new RunRequest { Federation = Federation, Learner = "mf" };
        var receipt = await grains.GetGrain<IFederationGrain>(Federation).StartRunAsync(request, cancellationToken);
        Require(receipt.Outcome is RunOutcome.Started or RunOutcome.Resumed, receipt.Message);
        var run = grains.GetGrain<IRunGrain>($"{Federation}/{receipt.RunId}");
        RunEvents events;
        long after = 0;
        do
        {
            events = await run.ReadEventsAsync(after, s_wait, cancellationToken);
            after = events.Events.IsEmpty ? after : events.Events[^1].Id;
        }
        while (!events.Ended || !events.Events.IsEmpty);

        var status = (await run.GetStatusAsync(cancellationToken))!;
        Require(status.Phase is RunPhase.Completed, $"The run has ended as {status.Phase}: {status.Reason}");
        return status.Version;
    }

    // What is sold; of an item that is known, a correction where it is called otherwise now.
    private async Task OfferAsync(CancellationToken cancellationToken)
    {
        await grains.GetGrain<IFederationGrain>(Federation).HostAsync(hasRatings: false, cancellationToken);
        await grains.GetGrain<ICatalogueGrain>(Federation).AddAsync([.. shop.Products().Select(product => new CatalogueItem(product.Id, product.Title, [product.Kind]))], cancellationToken);
    }

    // All orders: what was told before is not recorded twice, and what was made before FedRec came, or while it was away, is there from now on.
    private async Task HandOverAsync(CancellationToken cancellationToken)
    {
        foreach (var some in shop.Orders().Chunk(ImportReceipt.MostChanges))
        {
            var receipt = await grains.GetGrain<IHistoryGrain>(Federation).ImportAsync([.. some.Select(Change)], cancellationToken);
            Require(receipt.Outcome is HistoryOutcome.Recorded, receipt.Message);
        }
    }

    private static HistoryChange Change(Order order) => new(order.Customer, HistoryChangeKind.Added, order.Product) { Time = order.At * 1_000 };

    private static void Require(bool met, string otherwise)
    {
        if (!met)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
