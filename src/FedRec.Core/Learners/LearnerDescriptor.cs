using System.Collections.Immutable;
using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Native;

namespace FedRec.Core.Learners;

/// <summary>How to make a learner, and what it recommends for its rounds.</summary>
/// <param name="name">The name users select it by.</param>
/// <param name="summary">What it is, in a few words for a help text.</param>
/// <param name="options">Its options.</param>
/// <param name="create">Makes it from checked option names for a federation; refuses data that it cannot use.</param>
/// <param name="recommend">What it recommends under given options.</param>
public sealed class LearnerDescriptor(
    string name,
    string summary,
    ImmutableArray<LearnerOption> options,
    Func<IReadOnlyDictionary<string, string>, FederationShape, ILearner> create,
    Func<IReadOnlyDictionary<string, string>, LearnerDefaults> recommend)
{
    /// <summary>The name users select it by.</summary>
    public string Name => name;

    /// <summary>What it is, in a few words.</summary>
    public string Summary => summary;

    /// <summary>Its options.</summary>
    public ImmutableArray<LearnerOption> Options => options;

    /// <summary>Whether it computes with native torch, which not every program has. Default: false.</summary>
    public bool NeedsTorch { get; init; }

    /// <summary>Whether it learns the label of rows with features, and nothing else; all others learn from interactions. Default: false.</summary>
    public bool TakesLabels { get; init; }

    /// <summary>How clients can make its model their own; none where it is empty, and none of options that rule it out. Default: all ways.</summary>
    public ImmutableArray<PersonalizationMethod> Personalizes { get; init; } =
        [PersonalizationMethod.FineTune, PersonalizationMethod.Additive, PersonalizationMethod.Interpolate, PersonalizationMethod.Clusters];

    /// <summary>Values of options whose default depends on others, by name. Default: there are no such options.</summary>
    public Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, double>>? Derived { get; init; }

    /// <summary>Refuses to be used in this program where it lacks what the learner needs, before anything is trained.</summary>
    /// <exception cref="ArgumentException">Native torch is needed and is not part of the program.</exception>
    public void ThrowUnlessUsableHere()
    {
        if (NeedsTorch && !TorchLoader.IsPresent)
        {
            throw new ArgumentException($"The learner {name} needs native torch, which this program has not. Reference the project FedRec.Torch in it, or train mf.");
        }
    }

    /// <summary>All options with the values that hold under those given.</summary>
    /// <exception cref="ArgumentException">An option is unknown or its value is not allowed.</exception>
    public ImmutableSortedDictionary<string, string> Resolved(IReadOnlyDictionary<string, string> values)
    {
        ThrowIfUnknown(values);
        var resolved = options.ToImmutableSortedDictionary(option => option.Name, option => values.GetValueOrDefault(option.Name, option.Default), StringComparer.Ordinal);
        return Derived is null ? resolved : resolved.SetItems(Derived(values).Select(one => KeyValuePair.Create(one.Key, one.Value.ToString(CultureInfo.InvariantCulture))));
    }

    /// <summary>What held for a version that was stored with all options of its time: those that came later are as it was before them.</summary>
    public ImmutableSortedDictionary<string, string> Completed(IReadOnlyDictionary<string, string> stored) => ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, stored)
        .AddRange(options.Where(option => !stored.ContainsKey(option.Name)).Select(option => KeyValuePair.Create(option.Name, option.Before ?? option.Default)));

    /// <summary>Makes the learner.</summary>
    /// <param name="values">Options by name; those left out take their defaults.</param>
    /// <param name="shape">The federation it is for.</param>
    /// <exception cref="ArgumentException">An option is unknown, its value is not allowed, or the learner cannot use such data.</exception>
    public ILearner Create(IReadOnlyDictionary<string, string> values, FederationShape shape)
    {
        ThrowIfUnknown(values);
        return TakesLabels == shape.Task is not null ? create(values, shape) : throw new ArgumentException(TakesLabels
            ? $"{name} learns from labelled rows with features, but this data is interactions. Give a schema (--schema FILE) that declares the columns of the data, or take mf, ease or ncf."
            : $"{name} learns from interactions, but this data is rows with a label. Take mlp, or leave the schema out.");
    }

    /// <summary>Server optimizer, weighting and rounds that suit the learner under these options.</summary>
    /// <exception cref="ArgumentException">An option is unknown or its value is not allowed.</exception>
    public LearnerDefaults Recommended(IReadOnlyDictionary<string, string> values)
    {
        ThrowIfUnknown(values);
        return recommend(values);
    }

    /// <summary>Refuses options that do nothing beside the others: their effect would be looked for in vain.</summary>
    /// <exception cref="ArgumentException">Names the option, and where it has an effect.</exception>
    public void ThrowIfIdle(IReadOnlyDictionary<string, string> values)
    {
        foreach (var option in options)
        {
            option.ThrowIfIdle(name, values);
        }
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
/// <param name="Step">What the recipe of its main phase lets the server do, as far as it is known before there is a federation: where it is not the optimizer's
/// step, rounds, weighting and server optimizer are not a choice. Default: <see cref="StepRule.Optimizer"/>.</param>
/// <param name="UsesRatings">Whether ratings are what is learned: an interaction without one tells the learner nothing. Default: false.</param>
public sealed record LearnerDefaults(ServerOptimizerOptions ServerOptimizer, string Weighting, int Rounds, StepRule Step = StepRule.Optimizer, bool UsesRatings = false)
{
    /// <summary>Whether a run that begins with a version counts, in one round, what has changed since; otherwise it begins anew. Default: true where sums are added.</summary>
    public bool TakesChanges { get; init; } = Step == StepRule.Sum;

    /// <summary>The length that no update of one user exceeds, whatever its data, to which private runs clip unless they are told another; 0 where there is none. Default: 0.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Time after which stragglers are left behind: a minute, or 15 where exact statistics are added up. There who is missing is missing for good,
    /// and a silo may have to solve for weights before its clients can vote.</summary>
    public TimeSpan Deadline => TimeSpan.FromMinutes(Step == StepRule.Sum ? 15 : 1);
}

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
