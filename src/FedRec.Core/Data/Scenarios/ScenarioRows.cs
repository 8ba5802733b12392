using FedRec.Core.Data.Cleaning;
using FedRec.Core.Data.Splits;

namespace FedRec.Core.Data.Scenarios;

/// <summary>Collects what parties know, in the words of their field, and makes a dataset of it.</summary>
/// <param name="name">Short name of the data.</param>
internal sealed class ScenarioRows(string name)
{
    private InteractionLog _log = new();
    private readonly Dictionary<string, (string Title, string Kind, bool Context)> _items = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _parties = new(StringComparer.Ordinal);

    /// <summary>Users with at least one row.</summary>
    public IdMap Users => _log.Users;

    /// <summary>Items with at least one row.</summary>
    public IdMap Items => _log.Items;

    /// <summary>Says what an item is. The first description counts.</summary>
    /// <param name="id">Unique id.</param>
    /// <param name="title">As it reads in a sentence.</param>
    /// <param name="kind">Its kind in one word, which becomes its tag.</param>
    /// <param name="context">Whether it tells of a user only, and is never recommended.</param>
    public void Describe(string id, string title, string kind, bool context = false) => _items.TryAdd(id, (title, kind, context));

    /// <summary>A user of a party has an item; it must be described.</summary>
    /// <param name="party">The party that holds the user.</param>
    /// <param name="user">Unique id of the user among all parties.</param>
    /// <param name="item">Id of a described item.</param>
    /// <param name="time">Seconds; the last one that is no context is held out.</param>
    /// <param name="split">Set for all rows, or for none.</param>
    public void Add(string party, string user, string item, long time, InteractionSplit? split = null)
    {
        _parties[user] = party;
        _log.Add(user, item, timestamp: time, split: split);
    }

    /// <summary>Splits and packs the rows.</summary>
    /// <param name="options">How they are split.</param>
    /// <param name="complete">Adds rules, lifetimes or a minimum cohort to the catalogue.</param>
    /// <param name="protocol">How items are held out and ranked, where it is not by time among all items; null otherwise.</param>
    /// <exception cref="ArgumentException">Another split is asked for than the protocol tells of.</exception>
    public Dataset ToDataset(DatasetOptions options, Func<ItemCatalogue, ItemCatalogue>? complete = null, string? protocol = null)
    {
        if (protocol is not null && options.Split != DatasetOptions.LeaveLastOut)
        {
            throw new ArgumentException($"The split is {options.Split}, but the scenario {options.Scenario} holds out by a rule of its own: {protocol}. Leave the split out, or the scenario.");
        }

        var tally = new RowTally(name, _log.Count);
        _log = LogCleaner.Prepare(_log, options, tally, user => _parties[_log.Users[user]]);
        var items = Enumerable.Range(0, _log.Items.Count).Select(item => _items[_log.Items[item]]).ToArray();
        var catalogue = new ItemCatalogue([.. items.Select(item => item.Title)], [.. items.Select(item => (IReadOnlyList<string>)[item.Kind])])
        {
            Context = [.. Enumerable.Range(0, items.Length).Where(item => items[item].Context)],
        };
        var dataset = DatasetBuilder.Build(name, _log, complete?.Invoke(catalogue) ?? catalogue, tally, options);
        var parties = Enumerable.Range(0, _log.Users.Count).Select(user => _parties[_log.Users[user]]).ToList();
        var names = parties.Distinct().Order(StringComparer.Ordinal).ToList();
        return dataset with
        {
            Protocol = protocol is null ? dataset.Protocol : protocol + DatasetBuilder.Preparation(options, tally),
            Parties = new UserParties(names, [.. parties.Select(party => names.IndexOf(party))]),
        };
    }
}
