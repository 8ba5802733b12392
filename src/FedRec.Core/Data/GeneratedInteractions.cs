using FedRec.Core.Data.Cleaning;
using FedRec.Core.Data.Splits;

namespace FedRec.Core.Data;

/// <summary>Rows made by a program: described in the words of their field, opened as they are, or written to files that read back as the same rows.</summary>
/// <param name="name">Short name of the data.</param>
/// <param name="expected">How many rows there will be, where that is known. Default: 0, unknown.</param>
public sealed class GeneratedInteractions(string name, int expected = 0)
{
    private static readonly IReadOnlyList<string> s_noTags = [];
    private readonly InteractionLog _log = new() { Expected = expected };
    private readonly Dictionary<string, (string Title, IReadOnlyList<string> Tags, bool IsContext)> _items = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _parties = new(StringComparer.Ordinal);

    /// <summary>Number of rows.</summary>
    public int Count => _log.Count;

    /// <summary>Says what an item is. The first description counts; an item without one is called by its id.</summary>
    /// <param name="id">Unique id.</param>
    /// <param name="title">As it reads in a sentence.</param>
    /// <param name="tags">Its kinds.</param>
    /// <param name="isContext">Whether it tells of a user only, and is never recommended.</param>
    public void Describe(string id, string title, IReadOnlyList<string> tags, bool isContext = false) => _items.TryAdd(id, (title, tags, isContext));

    /// <summary>A user has an item. Every row has the same of what may be left out.</summary>
    /// <param name="user">Unique id of the user among all parties.</param>
    /// <param name="item">Id of the item.</param>
    /// <param name="time">Seconds; a user's last item that is no context is held out. Default: null, the order of the rows.</param>
    /// <param name="rating">How much the item is liked. Default: null.</param>
    /// <param name="party">The party that holds the user. Default: null, each user is a client.</param>
    /// <param name="isHeldOut">Whether the row is for evaluation and not for training. Default: null, the split decides.</param>
    /// <exception cref="ArgumentException">The row has other columns than those before it, or the user is of another party.</exception>
    public void Add(string user, string item, long? time = null, float? rating = null, string? party = null, bool? isHeldOut = null)
    {
        if (Count > 0 && party is null != (_parties.Count == 0))
        {
            throw new ArgumentException($"The row of {user} names {(party is null ? "no party, but rows before it do" : "a party, but rows before it do not")}.", nameof(party));
        }

        if (party is not null && !_parties.TryAdd(user, party) && _parties[user] != party)
        {
            throw new ArgumentException($"The user {user} is of {_parties[user]} already; a user of {party} needs an id of its own.", nameof(user));
        }

        _log.Add(user, item, rating, time, isHeldOut is { } held ? held ? InteractionSplit.Test : InteractionSplit.Train : null);
    }

    /// <summary>Splits and packs the rows.</summary>
    /// <param name="holdOutValidation">See <see cref="DatasetOptions.HoldOutValidation"/>.</param>
    public Dataset ToDataset(bool holdOutValidation = false) => ToDataset(new DatasetOptions { HoldOutValidation = holdOutValidation });

    /// <summary>Splits and packs the rows.</summary>
    /// <param name="options">How they are split; where the rows come from does not matter here.</param>
    /// <param name="complete">Adds rules, lifetimes or a minimum cohort to the catalogue of the items that are left. Default: nothing.</param>
    /// <param name="protocol">How items are held out and ranked, where it is not by time among all items. Default: null, by time.</param>
    /// <exception cref="ArgumentException">Another split is asked for than the protocol tells of.</exception>
    public Dataset ToDataset(DatasetOptions options, Func<ItemCatalogue, IdMap, ItemCatalogue>? complete = null, string? protocol = null)
    {
        if (protocol is not null && options.Split != DatasetOptions.LeaveLastOut)
        {
            throw new ArgumentException($"The split is {options.Split}, but the scenario {options.Scenario} holds out by a rule of its own: {protocol}. Leave the split out, or the scenario.");
        }

        var tally = new RowTally(name, _log.Count);
        var log = LogCleaner.Prepare(_log, options, tally, _parties.Count == 0 ? null : user => _parties[_log.Users[user]]);
        log = CoreFilter.Apply(log, options, tally);
        var catalogue = CatalogueOf(log.Items);
        var dataset = DatasetBuilder.Build(name, log, complete?.Invoke(catalogue, log.Items) ?? catalogue, tally, options);
        return dataset with
        {
            Protocol = protocol is null ? dataset.Protocol : protocol + DatasetBuilder.Preparation(options, tally),
            Parties = PartiesOf(log.Users),
        };
    }

    /// <summary>Writes <c>user,item,rating,timestamp</c>, and <c>items.csv</c> with titles and tags beside it.</summary>
    /// <param name="file">File to write, such as <c>shop/interactions.csv</c>; its folder is made if need be.</param>
    /// <param name="overwrite">Whether files that are there are replaced.</param>
    /// <returns>The two files.</returns>
    /// <exception cref="DatasetException">One of the two is there and <paramref name="overwrite"/> is false.</exception>
    /// <exception cref="InvalidOperationException">The rows are of parties, whose files are folders of their own: see <see cref="Partitions.PartyWriter"/>.</exception>
    public IReadOnlyList<string> Write(string file, bool overwrite = false)
    {
        if (_parties.Count > 0)
        {
            throw new InvalidOperationException("Rows of parties are not written to one file, which would not say whose they are.");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var items = Path.Combine(folder, "items.csv");
        if (Path.GetFullPath(file) == items)
        {
            throw new DatasetException("The interactions cannot be called items.csv: that is the list of items beside them.", "Choose another name, such as interactions.csv.", file);
        }

        if (!overwrite && new[] { file, items }.FirstOrDefault(File.Exists) is { } there)
        {
            throw new DatasetException("The file is there already.", "Choose another folder or allow overwriting.", there);
        }

        Directory.CreateDirectory(folder);
        InteractionWriter.WriteInteractions(file, _log);
        InteractionWriter.WriteItems(items, _log.Items, CatalogueOf(_log.Items));
        return [file, items];
    }

    private ItemCatalogue CatalogueOf(IdMap items)
    {
        var described = Enumerable.Range(0, items.Count)
            .Select(item => _items.TryGetValue(items[item], out var known) ? known : (Title: items[item], Tags: s_noTags, IsContext: false)).ToArray();
        return new ItemCatalogue([.. described.Select(item => item.Title)], [.. described.Select(item => item.Tags)])
        {
            Context = [.. Enumerable.Range(0, items.Count).Where(item => described[item].IsContext)],
        };
    }

    private UserParties? PartiesOf(IdMap users)
    {
        if (_parties.Count == 0)
        {
            return null;
        }

        var parties = Enumerable.Range(0, users.Count).Select(user => _parties[users[user]]).ToList();
        var names = parties.Distinct().Order(StringComparer.Ordinal).ToList();
        return new UserParties(names, [.. parties.Select(party => names.IndexOf(party))]);
    }
}
