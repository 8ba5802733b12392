using FedRec.Core.Data;
using FedRec.Core.Data.Features;

namespace FedRec.Core.Catalogues;

/// <summary>The items that a federation has agreed on, by dense number; public, and the same on every silo. Immutable.</summary>
/// <param name="items">Original ids.</param>
/// <param name="entries">What is known of each.</param>
/// <param name="candidates">What may be recommended to whom and when.</param>
/// <param name="features">Features of the items, a row for each; null when there are none.</param>
public sealed class FederationCatalogue(IdMap items, ItemCatalogue entries, CandidateFilter candidates, FeatureTable? features)
{
    /// <summary>Original ids.</summary>
    public IdMap Items => items;

    /// <summary>What is known of each item.</summary>
    public ItemCatalogue Entries => entries;

    /// <summary>A title for each item.</summary>
    public IReadOnlyList<string> Titles => entries.Titles;

    /// <summary>Tags of each item.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Tags => entries.Tags;

    /// <summary>What may be recommended to whom and when.</summary>
    public CandidateFilter Candidates => candidates;

    /// <summary>Features of the items; null when there are none.</summary>
    public FeatureTable? Features => features;

    /// <summary>Of items that were agreed on without any data: all of them may be recommended, and their tags are their features.</summary>
    public static FederationCatalogue Of(IdMap items, ItemCatalogue entries) =>
        new(items, entries, new CandidateFilter(items.Count, entries, new int[items.Count]), TagFeatures.Of(entries));

    /// <summary>Of a data set that is in one place.</summary>
    public static FederationCatalogue Of(Dataset dataset) => new(dataset.Items, dataset.Catalogue, dataset.Candidates, dataset.ItemFeatures);
}
