namespace FedRec.Core.Personalization.Clusters;

/// <summary>What the rounds of a run with clusters are for: first the clusters form, then their models train.</summary>
/// <param name="WarmUp">Rounds before the clusters' models part from the shared one, at least 1.</param>
internal readonly record struct ClusterSchedule(int WarmUp)
{
    private const int MostForming = 10;

    /// <summary>Rounds in which the clusters form: the first ten of the warm-up.</summary>
    /// <remarks>Ten, because the updates of an early model show what a client likes, and those of a trained one what is left over: where a shared
    /// model serves all tastes, clusters found by its last updates have nothing to do with them any more.</remarks>
    public int Forming => Math.Min(WarmUp, MostForming);

    /// <summary>Whether the clusters still form after so many rounds.</summary>
    public bool Forms(int rounds) => rounds < Forming;

    /// <summary>Whether clients train their cluster's model after so many rounds.</summary>
    public bool Trains(int rounds) => rounds >= WarmUp;
}
