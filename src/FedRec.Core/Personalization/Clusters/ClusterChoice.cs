using FedRec.Core.Data;
using FedRec.Core.Models;
using FedRec.Core.Training;

namespace FedRec.Core.Personalization.Clusters;

/// <summary>The client takes the model of the cluster that its update of the shared model is nearest to.</summary>
/// <remarks>It chooses again at every version, so that it keeps nothing; one without items has no update and takes the shared model.</remarks>
internal sealed class ClusterChoice(ClusteredLearner learner) : IPersonalization
{
    private readonly ClusteredWorker _worker = learner.CreateClusteredWorker();

    /// <inheritdoc/>
    public PreparedModel Personalize(PreparedModel version, ClientData own, SeededRandom random) =>
        OwnDirection.HasItems(own) ? _worker.Choose((ClusteredModel)version, new LocalTask(own, random)) : version;

    /// <inheritdoc/>
    public void Dispose() => _worker.Dispose();
}
