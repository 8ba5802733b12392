using FedRec.Core.Models;

namespace FedRec.Core.Personalization;

/// <summary>Makes personalisations.</summary>
public static class Personalizations
{
    /// <summary>One for a thread.</summary>
    /// <param name="options">Settings in their ranges.</param>
    /// <param name="learner">The learner that made the version.</param>
    /// <param name="defaults">What it recommends.</param>
    /// <returns>Null when every client takes the shared model.</returns>
    public static IPersonalization? Create(PersonalizationOptions options, ILearner learner, LearnerDefaults defaults)
    {
        var rate = options.LearningRate ?? defaults.PersonalRate;
        return options.Method switch
        {
            PersonalizationMethod.FineTune => new FineTuning(learner, options.Steps, rate),
            PersonalizationMethod.Additive => new AdditiveTable(learner, options, rate),
            PersonalizationMethod.Interpolate => new Interpolation(learner, options.Steps, rate),
            _ => null,
        };
    }

    /// <summary>Refuses learners whose models cannot be personalised.</summary>
    /// <exception cref="ArgumentException">Says why.</exception>
    public static void ThrowUnlessPossible(PersonalizationOptions options, string learner, LearnerDefaults defaults)
    {
        options.Validate();
        if (options.Method == PersonalizationMethod.None)
        {
            return;
        }

        if (defaults.OneShot)
        {
            throw new ArgumentException($"The learner {learner} adds up exact statistics of all clients and has no local training to personalise by; use mf or ncf, or leave personalisation out.");
        }

        if (defaults.PlainAveraging)
        {
            throw new ArgumentException($"These options of {learner} (scaffold) correct local training towards the mean of all clients, which is the opposite of personalisation; leave one of the two out.");
        }
    }
}
