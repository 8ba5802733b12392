using FedRec.Core.Models;

namespace FedRec.Core.Personalization.Clusters;

/// <summary>A version of the shared model with the clusters' models beside it.</summary>
/// <param name="parameters">All of them.</param>
/// <param name="layout">Where what lies.</param>
/// <param name="shared">The shared model.</param>
internal sealed class ClusteredModel(ReadOnlyMemory<float> parameters, ClusteredLayout layout, PreparedModel shared) : PreparedModel(parameters)
{
    /// <summary>The model of everybody.</summary>
    public PreparedModel Shared => shared;

    /// <summary>The models of the clusters; the shared one itself where they are equal.</summary>
    public required IReadOnlyList<PreparedModel> Clusters { get; init; }

    /// <summary>The model at which clients sketch their updates: the shared one as long as the clusters form.</summary>
    public required PreparedModel Reference { get; init; }

    /// <summary>Rounds done.</summary>
    public int Rounds => ClusteredLayout.Rounds(Parameters.Span);

    /// <summary>The cluster of a client with such a sketch. Before the first round there is one only.</summary>
    public int Nearest(ReadOnlySpan<float> sketch) => Rounds == 0
        ? 0
        : Centroids.Nearest(Parameters.Span.Slice(layout.Centroids, layout.Clusters * UpdateSketch.Length), sketch);
}
