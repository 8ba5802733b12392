namespace FedRec.Core.Learners;

/// <summary>How a client makes the shared model its own.</summary>
public enum PersonalizationMethod
{
    /// <summary>It takes the shared model as it is.</summary>
    None,

    /// <summary>It goes on training the shared parameters on its own data before it scores (Wang et al. 2019, arXiv:1910.10252).</summary>
    FineTune,

    /// <summary>It adds a private table to the items' shared one, kept small by L1 and L2 (FedRAP: Li et al. 2024, arXiv:2301.09109).</summary>
    Additive,

    /// <summary>It goes a part of the way from the shared to its own model, as far as its own hidden items say (APFL: Deng et al. 2020,
    /// arXiv:2003.13461, with the mixture chosen on validation instead of learnt).</summary>
    Interpolate,

    /// <summary>It takes the model of its cluster, which was trained beside the shared one by clients with similar updates (after Sattler et al. 2019,
    /// arXiv:1910.01991, from sums alone).</summary>
    Clusters,
}
