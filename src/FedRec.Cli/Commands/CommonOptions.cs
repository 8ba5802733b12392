using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Scenarios;

namespace FedRec.Cli.Commands;

/// <summary>Options that every verb has.</summary>
internal static class CommonOptions
{
    public static Option<OutputFormat> Format { get; } = new("--format")
    {
        Description = "How the answer is written to standard output.",
        HelpName = "table|json|csv",
        Recursive = true,
        CustomParser = result => Parse.Word(result, OutputFormat.Table),
    };

    public static Option<string[]> Set { get; } = new("--set")
    {
        Description = "Overrides one configuration key, such as --set Web.Port=8080. May be repeated.",
        HelpName = "KEY=VALUE",
        Recursive = true,
        DefaultValueFactory = _ => [],
    };

    public static Option<string?> Config { get; } = new("--config")
    {
        Description = "Folder with appsettings.json. Default: ./silo-config, else the one beside the program.",
        HelpName = "DIR",
        Recursive = true,
    };

    public static Option<string?> Profile { get; } = new("--profile")
    {
        Description = "Reads appsettings.NAME.json as well. Default: the variable FEDREC_PROFILE.",
        HelpName = "NAME",
        Recursive = true,
    };

    /// <summary>Which running FedRec a verb means.</summary>
    public static Option<string?> Cluster { get; } = new("--cluster")
    {
        Description = "The FedRec that is meant: an address (http://host:5080), a profile of silo-config, or the name of a cluster that shares the configured Azure storage. Default: FedRec:Silo:Cluster, else the process of this machine that has the store.",
        HelpName = "URL|PROFILE|NAME",
    };

    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Shows no progress.", Recursive = true };

    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "Shows where an error comes from (stack trace).", Recursive = true };

    public static IReadOnlyList<Option> All { get; } = [Format, Set, Config, Profile, Quiet, Verbose];

    /// <summary>What the silos of this process are labelled with.</summary>
    public static Option<string?> Labels() => new("--label")
    {
        Description = "Labels of the silo, separated by commas: organisations may be bound to silos with a label. Default: FedRec:Silo:Labels, else none.",
        HelpName = "NAME=VALUE,…",
    };

    /// <summary>Which federation a verb means.</summary>
    public static Option<string?> Federation() => new("--federation")
    {
        Description = "Name of the federation. Default: the one that trained last.",
        HelpName = "NAME",
    };

    /// <summary>The field that the data comes from: its parties and rules.</summary>
    public static Option<string> Scenario() => TypedOptions.Word(
        "--scenario", $"The field: its parties, rules and words. {string.Join("; ", MadeUpData.All.Skip(1).Select(scenario => $"{scenario.Name}: {scenario.Summary}"))}.",
        Core.Data.Scenario.Usual, [.. MadeUpData.All.Select(scenario => scenario.Name)]);

    /// <summary>Where the web front end listens.</summary>
    public static Option<int> WebPort() => TypedOptions.Number("--port", "Port of the web page; 0 takes a free one, -1 the configured FedRec:Web:Port.", -1, -1, 65535);

    /// <summary>Lets others reach the web front end.</summary>
    public static Option<bool> InsecureNoAuth() =>
        new("--insecure-no-auth") { Description = "Lets FedRec:Web:Host be an address that other machines reach, though nobody has to say who they are (as long as there is no key)." };

    /// <summary>Where models are kept.</summary>
    public static Option<string?> Storage()
    {
        var storage = new Option<string?>("--storage")
        {
            Description = "Where grains and models are kept; memory keeps nothing. Default: FedRec:Storage:Kind.",
            HelpName = "azurite|blob|memory",
        };
        storage.AcceptOnlyFromAmong("azurite", "blob", "memory");
        return storage;
    }
}

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
