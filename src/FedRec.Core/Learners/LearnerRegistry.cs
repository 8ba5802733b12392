using System.Collections.Immutable;
using FedRec.Core.Data;
using FedRec.Core.Learners.FeatureModels;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Learners.NeuralCollaborativeFiltering;
using FedRec.Core.Learners.PrincipalComponents;
using FedRec.Core.Learners.ShallowAutoencoders;
using FedRec.Core.Learners.TwoTowers;

namespace FedRec.Core.Learners;

/// <summary>FedRec's own learners: a new one is a folder beside this file and a line in <see cref="All"/>. Somebody else's is added where a host is built.</summary>
public static class LearnerRegistry
{
    /// <summary>All learners, in the order in which they are offered.</summary>
    public static ImmutableArray<LearnerDescriptor> All { get; } =
    [
        MatrixFactorizationDescriptor.Instance,
        EaseDescriptor.Instance,
        PcaDescriptor.Instance,
        NeuralDescriptor.Instance,
        FeatureModelDescriptor.Instance,
        TwoTowerDescriptor.Instance,
    ];

    /// <summary>Looks a learner up.</summary>
    /// <exception cref="ArgumentException">There is none of that name; the message names the nearest one.</exception>
    public static LearnerDescriptor Find(string name) => Find(name, All);

    /// <summary>Makes a learner by name.</summary>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <param name="options">Options by name; those left out take their defaults.</param>
    /// <param name="shape">The federation it is for.</param>
    /// <exception cref="ArgumentException">The learner or an option is unknown, a value is not allowed, or the data cannot be used.</exception>
    public static ILearner Create(string name, IReadOnlyDictionary<string, string> options, FederationShape shape) =>
        Find(name).Create(options, shape);

    internal static LearnerDescriptor Find(string name, IReadOnlyCollection<LearnerDescriptor> learners) =>
        learners.FirstOrDefault(learner => learner.Name == name)
        ?? throw new ArgumentException($"There is no learner '{name}'. {NearestName.Hint(name, learners.Select(learner => learner.Name))}", nameof(name));
}
