using System.Collections.Immutable;
using FedRec.Core.Federation.ServerOptimizers;

namespace FedRec.Core.Models;

/// <summary>How to make a learner, and what it recommends for its rounds.</summary>
/// <param name="name">The name users select it by.</param>
/// <param name="summary">What it is, in a few words for a help text.</param>
/// <param name="options">Its options.</param>
/// <param name="create">Makes it from checked option names and an item count.</param>
/// <param name="recommend">What it recommends under given options.</param>
public sealed class LearnerDescriptor(
    string name,
    string summary,
    ImmutableArray<LearnerOption> options,
    Func<IReadOnlyDictionary<string, string>, int, ILearner> create,
    Func<IReadOnlyDictionary<string, string>, LearnerDefaults> recommend)
{
    /// <summary>The name users select it by.</summary>
    public string Name => name;

    /// <summary>What it is, in a few words.</summary>
    public string Summary => summary;

    /// <summary>Its options.</summary>
    public ImmutableArray<LearnerOption> Options => options;

    /// <summary>Makes the learner.</summary>
    /// <param name="values">Options by name; those left out take their defaults.</param>
    /// <param name="itemCount">Items of the catalogue, at least 1.</param>
    /// <exception cref="ArgumentException">An option is unknown or its value is not allowed.</exception>
    public ILearner Create(IReadOnlyDictionary<string, string> values, int itemCount)
    {
        ThrowIfUnknown(values);
        return create(values, itemCount);
    }

    /// <summary>Server optimizer, weighting and rounds that suit the learner under these options.</summary>
    /// <exception cref="ArgumentException">An option is unknown or its value is not allowed.</exception>
    public LearnerDefaults Recommended(IReadOnlyDictionary<string, string> values)
    {
        ThrowIfUnknown(values);
        return recommend(values);
    }

    private void ThrowIfUnknown(IReadOnlyDictionary<string, string> values)
    {
        foreach (var key in values.Keys.Order(StringComparer.Ordinal))
        {
            if (!options.Any(option => option.Name == key))
            {
                throw new ArgumentException($"The learner {name} has no option '{key}'. {NearestName.Hint(key, options.Select(o => o.Name))}");
            }
        }
    }
}

/// <summary>What a learner recommends for its rounds.</summary>
/// <param name="ServerOptimizer">How the server steps.</param>
/// <param name="Weighting">How clients are weighted: <c>examples</c> or <c>uniform</c>.</param>
/// <param name="Rounds">Rounds of a run.</param>
public sealed record LearnerDefaults(ServerOptimizerOptions ServerOptimizer, string Weighting, int Rounds);
