namespace FedRec.Core.Data.Features;

/// <summary>Makes a catalogue's tags features of its items.</summary>
internal static class TagFeatures
{
    private const int Most = 64; // a tag of few items teaches little

    /// <summary>A column for each of the most frequent tags, 1 where an item has it; null when no item has a tag.</summary>
    /// <remarks>The most frequent first, equally frequent ones in ordinal order.</remarks>
    public static FeatureTable? Of(ItemCatalogue catalogue)
    {
        string[] tags = [.. catalogue.Tags.SelectMany(own => own.Distinct(StringComparer.Ordinal))
            .GroupBy(tag => tag, StringComparer.Ordinal)
            .OrderByDescending(group => group.Count())
            .ThenBy(group => group.Key, StringComparer.Ordinal)
            .Take(Most)
            .Select(group => group.Key)];
        if (tags.Length == 0)
        {
            return null;
        }

        var places = tags.Index().ToDictionary(tag => tag.Item, tag => tag.Index, StringComparer.Ordinal);
        var values = new float[catalogue.Tags.Count * tags.Length];
        for (var item = 0; item < catalogue.Tags.Count; item++)
        {
            foreach (var tag in catalogue.Tags[item])
            {
                if (places.TryGetValue(tag, out var place))
                {
                    values[(item * tags.Length) + place] = 1;
                }
            }
        }

        return new FeatureTable(new FeatureSchema([.. tags.Select(FeatureColumn.Numeric)]), values);
    }
}
