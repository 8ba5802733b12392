using System.Collections.Immutable;
using System.Globalization;

namespace FedRec.Grains.Training;

/// <summary>What clients have chosen of a learner's options, for manifests and for people.</summary>
internal static class ChosenOptions
{
    /// <summary>All options with the values that hold in a version.</summary>
    public static ImmutableSortedDictionary<string, string> Of(RunContext run, ReadOnlySpan<float> parameters) =>
        run.Parts.Learner(run.Request.Learner).Resolved(run.Request.LearnerOptions)
            .SetItems(run.Learner.Chosen(parameters).Select(option => KeyValuePair.Create(option.Key, Number(option.Value))));

    /// <summary>The choice in words, after a semicolon; nothing where the learner leaves none.</summary>
    /// <param name="run">The run.</param>
    /// <param name="parameters">P values.</param>
    public static string Words(RunContext run, ReadOnlySpan<float> parameters)
    {
        if (run.Parts.Learner(run.Request.Learner).Options.All(option => option.Word is null))
        {
            return "";
        }

        var chosen = run.Learner.Chosen(parameters).Select(option =>
            string.Create(CultureInfo.InvariantCulture, $"{option.Key} {(option.Value == 0 ? "none" : Number(option.Value))}")).ToArray();
        return $"; {(chosen.Length == 0 ? "nobody could vote" : $"users chose {string.Join(", ", chosen)}")}{(run.Shape.HasTimes ? "" : "; without times the order of items plays no part")}";
    }

    // What is chosen lies in a version, in single precision: 0.1 and not 0.10000000149011612.
    private static string Number(double value) => ((float)value).ToString(CultureInfo.InvariantCulture);
}
