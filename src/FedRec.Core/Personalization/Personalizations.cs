using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Personalization.Clusters;
using FedRec.Core.Randomness;

namespace FedRec.Core.Personalization;

/// <summary>Turns the shared version and one client's own data into the client's own model. Holds scratch memory: one per thread.</summary>
/// <remarks>What comes out is a model like any other: scoring, explaining and predicting need not know. It is derived from the version and
/// the data, and so need not be stored; it is never sent.</remarks>
public interface IPersonalization : IDisposable
{
    /// <summary>Makes the client's model; deterministic in its arguments.</summary>
    /// <param name="version">The shared version; left unchanged.</param>
    /// <param name="own">What the client may train on.</param>
    /// <param name="random">Draws of this client.</param>
    /// <returns>The client's model; <paramref name="version"/> itself when its data changes nothing.</returns>
    PreparedModel Personalize(PreparedModel version, ClientData own, SeededRandom random);
}

/// <summary>Makes personalisations.</summary>
public static class Personalizations
{
    /// <summary>What a run with such a personalisation trains: the learner itself, unless there are clusters.</summary>
    /// <param name="learner">The learner of the run.</param>
    /// <param name="options">Settings in their ranges.</param>
    /// <param name="rounds">Rounds of the run.</param>
    /// <exception cref="ArgumentException">The learner cannot be trained in clusters.</exception>
    public static ILearner Around(ILearner learner, PersonalizationOptions options, int rounds) => options.Method == PersonalizationMethod.Clusters
        ? new ClusteredLearner(learner, options.Clusters, options.ClusterWarmUp ?? Math.Max(1, rounds / 2))
        : learner;

    /// <summary>One for a thread.</summary>
    /// <param name="options">Settings in their ranges.</param>
    /// <param name="learner">The learner that made the version, as <see cref="Around"/> gives it.</param>
    /// <returns>Null when every client takes the shared model.</returns>
    public static IPersonalization? Create(PersonalizationOptions options, ILearner learner) => options.Method switch
    {
        PersonalizationMethod.FineTune => new FineTuning(learner, options.Steps, options.LearningRate),
        PersonalizationMethod.Additive => new AdditiveTable(learner, options),
        PersonalizationMethod.Interpolate => new Interpolation(learner, options.Steps, options.LearningRate),
        PersonalizationMethod.Clusters => new ClusterChoice((ClusteredLearner)learner),
        _ => null,
    };

    /// <summary>Refuses learners whose models cannot be personalised.</summary>
    /// <param name="options">The personalisation.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="values">The learner's own options.</param>
    /// <exception cref="ArgumentException">Says why.</exception>
    public static void ThrowUnlessPossible(PersonalizationOptions options, LearnerDescriptor learner, IReadOnlyDictionary<string, string> values)
    {
        options.Validate();
        if (options.Method == PersonalizationMethod.None)
        {
            return;
        }

        var defaults = learner.Recommended(values);
        if (defaults.Step == StepRule.Sum)
        {
            throw new ArgumentException($"The learner {learner.Name} adds up exact statistics of all clients and has no local training to personalise by; use mf or ncf, or leave personalisation out.");
        }

        if (defaults.Step == StepRule.Mean)
        {
            throw new ArgumentException($"These options of {learner.Name} (scaffold) correct local training towards the mean of all clients, which is the opposite of personalisation; leave one of the two out.");
        }

        if (!learner.Personalizes.Contains(options.Method))
        {
            var name = PersonalizationOptions.Names[(int)options.Method];
            throw new ArgumentException(learner.Personalizes.IsEmpty
                ? $"The learner {learner.Name} has no personalisation; leave {name} out."
                : $"The learner {learner.Name} has no personalisation {name}; it has {string.Join(" and ", learner.Personalizes.Select(method => PersonalizationOptions.Names[(int)method]))}. mf and ncf have all.");
        }
    }
}
