using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>Joint training against one domain alone, for one learner and one number of kept items.</summary>
/// <param name="Learner">Its name.</param>
/// <param name="Kept">Training items that cold users keep in the target domain.</param>
internal sealed record DomainTrial(string Learner, int Kept)
{
    /// <summary>Trains both, and compares on the cold users.</summary>
    /// <returns>Joint against single, and joint against the popularity of the target domain, which is all that one domain knows for a user
    /// without items.</returns>
    public (BootstrapSums Single, BootstrapSums Popularity) Run(DomainCut cut, ulong seed)
    {
        var (single, joint) = cut.Open(Kept);
        var (both, alone) = (Train(joint, seed), new OwnItemsOnly(Train(single, seed), single.Items.Count));
        var popularity = new OwnItemsOnly(BaselineRegistry.Create("popularity", single, seed), single.Items.Count);
        int[] cold = [.. Enumerable.Range(0, joint.Users.Count).Where(user => !joint.Test.Items(user).IsEmpty)];
        return (UserGain.Of(joint, both, alone, cold), UserGain.Of(joint, both, popularity, cold));
    }

    private VersionScorer Train(Dataset data, ulong seed)
    {
        var learner = Trained.Learner(Learner, data);
        return new VersionScorer(learner, Trained.Train(learner, ClientPartition.PerUser(data), Trained.Rounds(Learner), seed));
    }
}
