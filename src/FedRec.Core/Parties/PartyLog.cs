using System.Globalization;
using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Parties;

/// <summary>What a client that keeps its data itself has noted of its users, made into what it trains on and what is held out.</summary>
/// <remarks>The split is each user's own, so a client needs nobody for it, and it is the one that is made of the same rows in one place.</remarks>
public static class PartyLog
{
    /// <summary>How the rows are split, for the reader of a result.</summary>
    public static string Protocol(bool holdOutValidation) => "leave-last-out by time, "
        + (holdOutValidation ? "last training interaction by time held out for validation, full-catalogue ranking, training and validation items removed, ties averaged"
            : "full-catalogue ranking, training items removed, ties averaged");

    /// <summary>Splits what was noted.</summary>
    /// <param name="catalogue">The items.</param>
    /// <param name="users">The events of each of the client's users, in the order in which they were noted.</param>
    /// <param name="hasRatings">Whether events carry ratings: all of them, or none.</param>
    /// <param name="holdOutValidation">Whether to hold out an interaction of each user for validation, beside that for testing.</param>
    public static PartyHoldings Split(FederationCatalogue catalogue, IReadOnlyList<IReadOnlyList<PartyEvent>> users, bool hasRatings, bool holdOutValidation)
    {
        var log = LogOf(catalogue, users, hasRatings);
        var (train, validation, test) = DatasetBuilder.Split(log, holdOutTest: true, holdOutValidation, catalogue.Entries.Context);
        return Holdings(catalogue, log, train, validation, test);
    }

    /// <summary>All that was noted, with nothing held out: what a user's recommendations go by.</summary>
    /// <param name="catalogue">As above.</param>
    /// <param name="users">As above.</param>
    /// <param name="hasRatings">As above.</param>
    public static PartyHoldings All(FederationCatalogue catalogue, IReadOnlyList<IReadOnlyList<PartyEvent>> users, bool hasRatings)
    {
        var log = LogOf(catalogue, users, hasRatings);
        var (train, validation, test) = DatasetBuilder.Split(log, holdOutTest: false, holdOutValidation: false, catalogue.Entries.Context);
        return Holdings(catalogue, log, train, validation, test);
    }

    private static InteractionLog LogOf(FederationCatalogue catalogue, IReadOnlyList<IReadOnlyList<PartyEvent>> users, bool hasRatings)
    {
        var log = new InteractionLog(catalogue.Items) { TimeUnit = TimeUnit.Milliseconds };
        for (var user = 0; user < users.Count; user++)
        {
            var name = user.ToString(CultureInfo.InvariantCulture);
            log.Users.GetOrAdd(name);
            foreach (var met in Standing(users[user]))
            {
                log.Add(name, catalogue.Items[met.Item], hasRatings ? met.Rating : null, met.Time);
            }
        }

        return log;
    }

    private static PartyHoldings Holdings(FederationCatalogue catalogue, InteractionLog log, UserItems train, UserItems validation, UserItems test)
    {
        var data = new Dataset("own", log.Users, catalogue.Items, catalogue.Entries, train, validation, test, "", new LoadReport(log.Count, 0, 0, []))
        {
            TimeUnit = log.TimeUnit,
            ItemFeatures = catalogue.Features,
            Candidates = catalogue.Candidates,
        };
        return new PartyHoldings(data, Enumerable.Range(0, log.Users.Count).ToArray());
    }

    // What was taken back goes, with all that was noted of the item before.
    private static IEnumerable<PartyEvent> Standing(IReadOnlyList<PartyEvent> events)
    {
        var removed = new Dictionary<int, int>(); // to the place of the last time that an item was taken back
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].IsRemoval)
            {
                removed[events[i].Item] = i;
            }
        }

        return events.Where((met, i) => !met.IsRemoval && !(removed.TryGetValue(met.Item, out var last) && i < last));
    }
}

/// <summary>One thing that a user did.</summary>
/// <param name="Item">Dense number of the item.</param>
/// <param name="Rating">The rating; 0 where there are none.</param>
/// <param name="Time">When, in milliseconds since 1970.</param>
/// <param name="IsRemoval">Whether the item was taken back.</param>
public readonly record struct PartyEvent(int Item, float Rating, long Time, bool IsRemoval = false);
