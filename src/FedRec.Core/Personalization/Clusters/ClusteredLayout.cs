using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Updates;

namespace FedRec.Core.Personalization.Clusters;

/// <summary>Where the shared model, the clusters' models and what decides between them lie in one vector.</summary>
/// <remarks>The shared model comes first, block by block as without clusters: so its bytes are a prefix of the version's.</remarks>
internal sealed class ClusteredLayout
{
    /// <summary>The shared model, where a cluster is asked for: it lies before the first one's.</summary>
    public const int Shared = -1;

    /// <summary>Lays one shared model and some models of clusters out.</summary>
    /// <param name="inner">The learner of one model.</param>
    /// <param name="clusters">Models beside the shared one, at least 1.</param>
    public ClusteredLayout(ILearner inner, int clusters)
    {
        var one = inner.Recipe(LearningPhase.Training).Update;
        (Clusters, ModelLength, ShareLength) = (clusters, inner.Parameters.Length, one.Length);
        Parameters = new ParameterLayout([
            .. Copies(inner.Parameters), .. inner.Parameters.Blocks.Select(block => Named("reference", block)),
            new("cluster_centroids", clusters, UpdateSketch.Length), new("cluster_rounds", 1, 1)]);
        UpdateBlock weights = new("cluster_weights", clusters, 1, BlockRole.Count, Sensitivity: 1);
        Forming = new RoundRecipe(new UpdateLayout([.. one.Blocks, new("cluster_sketches", clusters, UpdateSketch.Length, BlockRole.Statistic, Sensitivity: 1), weights]));
        WarmUp = new RoundRecipe(one);
        Training = new RoundRecipe(new UpdateLayout([
            .. one.Blocks, .. Enumerable.Range(1, clusters).SelectMany(cluster => one.Blocks.Select(block => block with { Name = $"cluster_{cluster}.{block.Name}" })), weights]));
    }

    /// <summary>Number of clusters, K.</summary>
    public int Clusters { get; }

    /// <summary>The shared model, K models, the model at which clients sketch their updates, K centroids, and the number of rounds done.</summary>
    public ParameterLayout Parameters { get; }

    /// <summary>Clusters form: an update of the shared model, and each cluster's sum of sketches and of weights.</summary>
    public RoundRecipe Forming { get; }

    /// <summary>The clusters' models are the shared one: an update of that.</summary>
    public RoundRecipe WarmUp { get; }

    /// <summary>An update of the shared model, one of each cluster's, and each cluster's sum of weights.</summary>
    public RoundRecipe Training { get; }

    /// <summary>Parameters of one model.</summary>
    public int ModelLength { get; }

    /// <summary>Values of an update to one model.</summary>
    public int ShareLength { get; }

    /// <summary>What follows the models that are trained.</summary>
    public int Statistics => Parameters.Length - Reference;

    /// <summary>Where the model begins at which clients sketch their updates once the clusters have formed.</summary>
    public int Reference => Model(Clusters);

    /// <summary>Where the centroids begin in the parameters.</summary>
    public int Centroids => Reference + ModelLength;

    /// <summary>Where the sums of sketches begin in an update while clusters form.</summary>
    public int Sketches => ShareLength;

    /// <summary>Where the sums of weights begin in an update that has them: they are its last values.</summary>
    public int Weights(RoundRecipe recipe) => recipe.Update.Length - Clusters;

    /// <summary>Where the model of a cluster begins in the parameters.</summary>
    public int Model(int cluster) => (cluster + 1) * ModelLength;

    /// <summary>Where the update to a cluster's model begins.</summary>
    public int Share(int cluster) => (cluster + 1) * ShareLength;

    /// <summary>The number of rounds done, which the last value of a version counts.</summary>
    public static int Rounds(ReadOnlySpan<float> version) => (int)version[^1];

    private IEnumerable<ParameterBlock> Copies(ParameterLayout one) => one.Blocks.Concat(
        Enumerable.Range(1, Clusters).SelectMany(cluster => one.Blocks.Select(block => Named($"cluster_{cluster}", block))));

    private static ParameterBlock Named(string model, ParameterBlock block) => block with { Name = $"{model}.{block.Name}" };
}
