using FedRec.Core.Data;
using FedRec.Core.Data.Features;

namespace FedRec.Core.Evaluation.Baselines;

/// <summary>Centralised recommenders to compare with, by name.</summary>
public static class BaselineRegistry
{
    /// <summary>Threads a baseline trains with; its result does not depend on them.</summary>
    internal const int Threads = 2;

    private const string Popularity = "popularity";
    private const string SasRec = "sasrec";

    /// <summary>The names, from the simplest to the strongest.</summary>
    public static IReadOnlyList<string> Names { get; } = [Popularity, "item-knn", "ials", SasRec];

    /// <summary>What a baseline is called beside models of such data: of labelled rows, the most popular label is the majority class, and the label of
    /// a regression has a mean; a network of all data in one place is said to be one.</summary>
    public static string Called(string name, LabelTask? task) => (name, task?.Kind) switch
    {
        (Popularity, LabelKind.Regression) => "mean",
        (SasRec, _) => "sasrec (centralised)",
        (Popularity, LabelKind.Binary or LabelKind.Multiclass) => "majority class",
        _ => name,
    };

    /// <summary>Refuses data that a baseline cannot be trained on.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="dataset">The data.</param>
    /// <exception cref="ArgumentException">The baseline goes by the order of users' items, and the data has no times or is a labelled table.</exception>
    public static void ThrowUnlessFit(string name, Dataset dataset)
    {
        if (name == SasRec && (dataset.Task is not null || !dataset.Train.HasTimes))
        {
            throw new ArgumentException(
                $"The baseline {SasRec} foretells each user's next item, but the data {dataset.Name} {(dataset.Task is null ? "has no times, and so users' items no order" : "is a labelled table")}.", nameof(dataset));
        }
    }

    /// <summary>Trains a baseline on the pooled training split, and on nothing else.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="seed">Seed of what is drawn.</param>
    /// <returns>A scorer that may be shared by threads.</returns>
    /// <exception cref="ArgumentException">There is no such baseline, or this data is not for it.</exception>
    public static IScorer Create(string name, Dataset dataset, ulong seed) => name switch
    {
        Popularity when dataset.Task is { Kind: LabelKind.Regression } => new MeanScorer(dataset.Train),
        Popularity => new PopularityScorer(dataset),
        "item-knn" => new ItemKnnScorer(dataset),
        "ials" => new IalsScorer(dataset, new IalsOptions(), seed),
        SasRec => SelfAttention.SasRec.Train(dataset, seed),
        _ => throw new ArgumentException($"There is no baseline '{name}'; choose one of {string.Join(", ", Names)}.", nameof(name)),
    };
}
