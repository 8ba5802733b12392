using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;

namespace Shop;

/// <summary>All that the shop says to FedRec: what was ordered, when to learn, and what to show.</summary>
/// <param name="grains">FedRec, in this process.</param>
/// <param name="shop">The shop's own records.</param>
/// <param name="folder">Holds what is handed over for learning.</param>
internal sealed class Adviser(IGrainFactory grains, ShopDatabase shop, string folder)
{
    private const string Federation = "shop";
    private const int Shown = 4;
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(10);

    /// <summary>What a customer may like, with reasons; what most order while nothing is known of the customer, and null before the first version.</summary>
    public async Task<RecommendationAnswer?> AdviseAsync(string customer, CancellationToken cancellationToken)
    {
        var recommender = grains.GetGrain<IRecommenderGrain>(Federation);
        var answer = await recommender.RecommendAsync(new RecommendationQuery(customer, Shown, Explain: true, Version: 0), cancellationToken);
        if (answer.Outcome is RecommendationOutcome.UnknownUser && shop.OrderedBy(customer) is { Count: > 0 } ordered)
        {
            // A customer who came after the last learning: the orders come along with the question.
            var items = ordered.Select(product => new MetItem(product)).ToImmutableArray();
            answer = await recommender.RecommendAsync(new RecommendationQuery(customer, Shown, Explain: true, Version: 0) { Items = items }, cancellationToken);
        }

        return answer.HasList() ? answer : null;
    }

    /// <summary>Tells of an order: the customer's next list goes by it, and so does the next version.</summary>
    public async Task TellAsync(string customer, string product, CancellationToken cancellationToken)
    {
        var receipt = await grains.GetGrain<IHistoryGrain>(Federation).RecordAsync(new HistoryChange(customer, HistoryChangeKind.Added, product), cancellationToken);
        if (receipt.Outcome is not (HistoryOutcome.Recorded or HistoryOutcome.UnknownUser or HistoryOutcome.UnknownItem or HistoryOutcome.NoRun))
        {
            throw new InvalidOperationException(receipt.Message);
        }

        // Somebody or something that came after the last learning is in the shop's records, from which the next one is made.
    }

    /// <summary>Trains a version on all orders.</summary>
    /// <returns>The version, which is in use unless it is worse than the one before.</returns>
    /// <exception cref="InvalidOperationException">It did not end well; the message says why.</exception>
    public async Task<long> LearnAsync(CancellationToken cancellationToken)
    {
        var request = new RunRequest { Federation = Federation, Data = new DataSpec { Path = HandOver() }, Learner = "mf" };
        var receipt = await grains.GetGrain<IFederationGrain>(Federation).StartRunAsync(request, cancellationToken);
        if (receipt.Outcome is not (RunOutcome.Started or RunOutcome.Resumed))
        {
            throw new InvalidOperationException(receipt.Message);
        }

        var run = grains.GetGrain<IRunGrain>($"{Federation}/{receipt.RunId}");
        for (long after = 0; ;)
        {
            var events = await run.ReadEventsAsync(after, s_wait, cancellationToken);
            after = events.Events.IsEmpty ? after : events.Events[^1].Id;
            if (events.Ended && events.Events.IsEmpty)
            {
                break;
            }
        }

        var status = (await run.GetStatusAsync(cancellationToken))!;
        return status.Phase == RunPhase.Completed ? status.Version : throw new InvalidOperationException($"The run has ended as {status.Phase}: {status.Reason}");
    }

    // The one place where orders become data to learn from. Each learning has a folder of its own, as its version goes on reading it.
    private string HandOver()
    {
        var orders = shop.Orders();
        var hand = Directory.CreateDirectory(Path.Combine(folder, "learned-from", $"{orders.Count:000000}-orders")).FullName;
        File.WriteAllLines(Path.Combine(hand, "items.csv"), shop.Products().Select(product => $"{product.Id},{product.Title},{product.Kind}").Prepend("item,title,tags"));
        var file = Path.Combine(hand, "orders.csv");
        File.WriteAllLines(file, orders.Select(order => $"{order.Customer},{order.Product},{order.At}").Prepend("user,item,timestamp"));
        return file;
    }
}
