using System.CommandLine;

namespace FedRec.Cli.Commands;

/// <summary>Options of a verb that belong together, under one heading of its help.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Options">In the order in which help shows them.</param>
internal sealed record OptionGroup(string Title, IReadOnlyList<Option> Options)
{
    /// <summary>A line below the options; null without.</summary>
    public string? Note { get; init; }

    /// <summary>Puts the options that people need first before all others.</summary>
    /// <param name="first">In the order in which people need them.</param>
    /// <param name="groups">All options; those of <paramref name="first"/> are left out of their groups.</param>
    public static IReadOnlyList<OptionGroup> BeginWith(IReadOnlyList<Option> first, params IEnumerable<OptionGroup> groups) =>
    [
        new("Begin with", first),
        .. groups.Select(group => group with { Options = [.. group.Options.Except(first)] }).Where(group => group.Options.Count > 0),
    ];
}
