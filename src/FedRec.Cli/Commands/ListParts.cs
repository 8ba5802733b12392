using System.Collections.Immutable;
using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Contracts.Recommendations;

namespace FedRec.Cli.Commands;

/// <summary>The options that say which part of a ranking is wanted.</summary>
internal sealed class ListParts
{
    private readonly Option<ImmutableArray<string>> _exclude = new("--exclude")
    {
        Description = "Items that are not wanted; an id with a comma or an equals sign stands in double quotes. May be repeated.",
        HelpName = "ITEM,…",
        CustomParser = result =>
        {
            var items = result.Tokens.SelectMany(token => MetItems.Split(token.Value)).ToArray();
            if (items.Any(item => item.Item.Length == 0 || item.Rating is not null))
            {
                result.AddError("--exclude is a list of ids such as i1,i2; an id with a comma or an equals sign stands in double quotes: \"a,b\",c.");
            }

            return [.. items.Select(item => item.Item)];
        },
    };

    private readonly Option<string[]> _tags = new("--tag") { Description = "Only items with this tag; repeated, with any of them.", HelpName = "TAG" };
    private readonly Option<int> _offset = TypedOptions.Number("--offset", "Places of the list to skip; with --count at most 10,000.", 0, 0, ListPart.MostPlaces - 1);

    /// <summary>The options.</summary>
    public OptionGroup Group => new("Part of the list", [_exclude, _tags, _offset]);

    /// <summary>What was given; null for the beginning of the list.</summary>
    /// <param name="context">The line.</param>
    /// <param name="count">Items wanted.</param>
    /// <exception cref="CliException">The list is not ranked that far down.</exception>
    public ListPart? Of(CommandContext context, int count)
    {
        if (context.Value(_offset) + count > ListPart.MostPlaces)
        {
            throw new CliException(ExitCode.Usage, $"--offset and --count together go down to place {Text.Count(ListPart.MostPlaces)} at most.", "Filter the list with --tag or --exclude instead.");
        }

        var part = new ListPart
        {
            Exclude = context.Value(_exclude) is { IsDefault: false } exclude ? exclude : [],
            Tags = [.. context.Value(_tags) ?? []],
            Offset = context.Value(_offset),
        };
        return part.Exclude.Length + part.Tags.Length + part.Offset == 0 ? null : part;
    }
}
