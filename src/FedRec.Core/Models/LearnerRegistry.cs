using System.Collections.Immutable;
using FedRec.Core.Models.MatrixFactorizations;

namespace FedRec.Core.Models;

/// <summary>The learners there are. A new one is a folder beside this file and a line in <see cref="All"/>.</summary>
public static class LearnerRegistry
{
    /// <summary>All learners, in the order in which they are offered.</summary>
    public static ImmutableArray<LearnerDescriptor> All { get; } =
    [
        MatrixFactorizationDescriptor.Instance,
    ];

    /// <summary>Looks a learner up.</summary>
    /// <exception cref="ArgumentException">There is none of that name; the message names the nearest one.</exception>
    public static LearnerDescriptor Find(string name) =>
        All.FirstOrDefault(learner => learner.Name == name)
        ?? throw new ArgumentException($"There is no learner '{name}'. {NearestName.Hint(name, All.Select(learner => learner.Name))}", nameof(name));

    /// <summary>Makes a learner by name.</summary>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <param name="options">Options by name; those left out take their defaults.</param>
    /// <param name="itemCount">Items of the catalogue, at least 1.</param>
    /// <exception cref="ArgumentException">The learner or an option is unknown, or a value is not allowed.</exception>
    public static ILearner Create(string name, IReadOnlyDictionary<string, string> options, int itemCount) =>
        Find(name).Create(options, itemCount);
}
