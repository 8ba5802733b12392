using System.Collections.Immutable;

namespace FedRec.Contracts.Federations;

/// <summary>The organisations of a federation whose clients keep their data themselves, and on which silos each may be; the key is the federation's name.</summary>
/// <remarks>Keeps nothing itself: what it says is in the registry, which knows organisations by keyed hashes of their names. So a list has numbers, and only who gives a name finds it.</remarks>
[Alias("fedrec.organisations")]
public interface IOrganisationsGrain : IGrainWithStringKey
{
    /// <summary>Binds an organisation to the silos that have a label: on no other silo its data is read, trained on or recorded from then on. One that is not there yet joins, so that a
    /// label can be set before its first interaction. Durable when it returns, and every silo without the label has let go of what it had in memory; may be repeated.</summary>
    /// <param name="name">Its name: 1 to 200 characters, without a slash.</param>
    /// <param name="label">Such as <c>region=eu</c>; null for any silo.</param>
    /// <param name="hasRatings">Whether interactions carry ratings, for a federation that is not there yet and begins with it; null where it must be there.</param>
    /// <param name="cancellationToken">Ends the wait; the label may have been set.</param>
    /// <returns>The organisation as it is now.</returns>
    /// <exception cref="ArgumentException">The name or the label cannot be, or the federation's clients do not keep their data; nothing was changed.</exception>
    /// <exception cref="SiloLabelException">The label is set, and a silo has not said that it has let go: set it again.</exception>
    [Alias("set-label"), ResponseTimeout("00:02:00")]
    Task<OrganisationLine> SetLabelAsync(string name, string? label, bool? hasRatings = null, CancellationToken cancellationToken = default);

    /// <summary>One organisation; null when there is none of that name.</summary>
    [Alias("find")]
    Task<OrganisationLine?> FindAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>All organisations, by number.</summary>
    [Alias("list")]
    Task<ImmutableArray<OrganisationLine>> ListAsync(CancellationToken cancellationToken = default);
}

/// <summary>An organisation at a glance.</summary>
/// <param name="Client">Its number as a client.</param>
/// <param name="Users">Users that it has.</param>
/// <param name="Label">The label of the silos that it is bound to; null for any silo.</param>
/// <param name="Silos">Silos that are up on which it may be; at 0 nothing is recorded, trained or recommended for it.</param>
[GenerateSerializer, Immutable, Alias("fedrec.organisation-line")]
public sealed record OrganisationLine(
    [property: Id(0)] int Client,
    [property: Id(1)] int Users,
    [property: Id(2)] string? Label,
    [property: Id(3)] int Silos);

/// <summary>What is bound to silos with a label cannot be done now: none is up, or one has not let go yet.</summary>
[GenerateSerializer, Alias("fedrec.silo-label-exception")]
public sealed class SiloLabelException : OrleansException
{
    /// <summary>Reports what cannot be done.</summary>
    /// <param name="message">What is wrong and what to do next.</param>
    /// <param name="label">The label that is asked for.</param>
    public SiloLabelException(string message, string? label)
        : base(message) => Label = label;

    /// <summary>The label that is asked for, such as <c>region=eu</c>; null for none.</summary>
    [Id(0)] public string? Label { get; }
}
