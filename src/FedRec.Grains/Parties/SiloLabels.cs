using System.Text.RegularExpressions;
using FedRec.Contracts.Federations;
using Microsoft.Extensions.Options;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace FedRec.Grains.Parties;

/// <summary>What silos are labelled with, such as <c>region=eu</c>; parties may be bound to silos with a label.</summary>
/// <remarks>Published as Orleans' silo metadata: each silo asks a new one once. Until it has, the silo counts as one without labels, so that nothing is placed on a guess.</remarks>
/// <param name="published">What the silos of the cluster publish.</param>
/// <param name="own">What this silo publishes.</param>
/// <param name="statuses">Which silos are up.</param>
public sealed partial class SiloLabels(ISiloMetadataCache published, IOptions<SiloMetadata> own, ISiloStatusOracle statuses)
{
    /// <summary>What a label looks like, for people.</summary>
    public const string Form = "A label is a name and a value, such as region=eu: each 1 to 63 letters, digits, dots, dashes or underscores";

    /// <summary>Reads labels as they are configured, separated by commas.</summary>
    /// <returns>What is wrong with them; null for nothing.</returns>
    public static string? TryParse(string text, out Dictionary<string, string> labels)
    {
        labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Label().IsMatch(label))
            {
                return $"'{label}' is no label. {Form}.";
            }

            if (!labels.TryAdd(label[..label.IndexOf('=', StringComparison.Ordinal)], label[(label.IndexOf('=', StringComparison.Ordinal) + 1)..]))
            {
                return $"'{label}' names a label that is there already; a silo has one value of each.";
            }
        }

        return null;
    }

    /// <summary>Whether this silo has a label.</summary>
    internal bool IsHere(string label) => Has(own.Value, label);

    /// <summary>Those of some silos that have a label.</summary>
    internal SiloAddress[] Having(string label, IEnumerable<SiloAddress> silos) => [.. silos.Where(silo => Has(published.GetSiloMetadata(silo), label))];

    /// <summary>The silos that are up and have a label; all that are up without one.</summary>
    internal SiloAddress[] Up(string? label)
    {
        var active = statuses.GetApproximateSiloStatuses(onlyActive: true).Keys;
        return label is null ? [.. active] : Having(label, active);
    }

    /// <summary>What is said where no silo with a label is up.</summary>
    internal static SiloLabelException NoneUp(string label, string federation) => new(
        $"No silo with the label {label} is up, and the data of an organisation of federation '{federation}' is kept on such silos only: nothing is recorded, trained or recommended for it until one is. "
        + $"Start one (fedrec silo --label {label}), or bind the organisation to another label.", label);

    private static bool Has(SiloMetadata silo, string label)
    {
        var end = label.IndexOf('=', StringComparison.Ordinal);
        return silo.Metadata.TryGetValue(label[..end], out var value) && label.AsSpan(end + 1).SequenceEqual(value);
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,63}=[A-Za-z0-9._-]{1,63}$")]
    private static partial Regex Label();
}
