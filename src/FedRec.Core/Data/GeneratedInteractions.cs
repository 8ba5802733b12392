using FedRec.Core.Data.Cleaning;

namespace FedRec.Core.Data;

/// <summary>Rows made by a generator: opened as they are, or written to files that read back as the same rows.</summary>
public sealed class GeneratedInteractions
{
    private readonly string _name;
    private readonly InteractionLog _log;
    private readonly ItemCatalogue _catalogue;

    internal GeneratedInteractions(string name, InteractionLog log, ItemCatalogue catalogue) => (_name, _log, _catalogue) = (name, log, catalogue);

    /// <summary>Number of rows.</summary>
    public int Count => _log.Count;

    /// <summary>Splits and packs the rows.</summary>
    /// <param name="holdOutValidation">See <see cref="DatasetOptions.HoldOutValidation"/>.</param>
    public Dataset ToDataset(bool holdOutValidation = false) => ToDataset(new DatasetOptions { HoldOutValidation = holdOutValidation });

    /// <summary>Splits and packs the rows.</summary>
    /// <param name="options">How they are split; where the rows come from does not matter here.</param>
    public Dataset ToDataset(DatasetOptions options)
    {
        var tally = new RowTally(_name, _log.Count);
        var log = CoreFilter.Apply(LogCleaner.Prepare(_log, options, tally), options, tally);
        return DatasetBuilder.Build(_name, log, ReferenceEquals(log, _log) ? _catalogue : CatalogueOf(log.Items), tally, options);
    }

    // Without the items of which no row is left; the numbers of the others change.
    private ItemCatalogue CatalogueOf(IdMap items)
    {
        var numbers = Enumerable.Range(0, items.Count).Select(item => _log.Items.TryGet(items[item], out var number) ? number : throw new ArgumentException($"There is no item {items[item]}.", nameof(items))).ToList();
        return new ItemCatalogue([.. numbers.Select(number => _catalogue.Titles[number])], [.. numbers.Select(number => _catalogue.Tags[number])]);
    }

    /// <summary>Writes <c>user,item,rating,timestamp</c>, and <c>items.csv</c> with titles and tags beside it.</summary>
    /// <param name="file">File to write, such as <c>shop/interactions.csv</c>; its folder is made if need be.</param>
    /// <param name="overwrite">Whether files that are there are replaced.</param>
    /// <returns>The two files.</returns>
    /// <exception cref="DatasetException">One of the two is there and <paramref name="overwrite"/> is false.</exception>
    public IReadOnlyList<string> Write(string file, bool overwrite = false)
    {
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
        InteractionWriter.WriteItems(items, _log.Items, _catalogue);
        return [file, items];
    }
}
