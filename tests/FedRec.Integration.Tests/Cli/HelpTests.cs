using System.CommandLine;
using FedRec.Cli;
using FedRec.Cli.Commands;
using FedRec.Core.Learners;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Help of verbs with many options: in groups, the first ones first, a learner's own with the learner only.</summary>
public sealed class HelpTests : IDisposable
{
    private const int Many = 8;
    private static readonly HashSet<string> s_ofLearners = [.. LearnerRegistry.All.SelectMany(learner => learner.Options).Select(option => $"--{option.Name}")];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> VerbsWithManyOptions() => [.. ManyOptions()];

    [Theory]
    [MemberData(nameof(VerbsWithManyOptions))]
    public async Task Help_OfAVerbWithManyOptions_HasEachOptionOnceUnderTheHeadingOfAGroup(string verb)
    {
        var options = Leaves("", Verbs.Create(CommandRun.Terminal(_folder.Path))).Single(leaf => leaf.Path == verb).Command.Options.Where(option => !option.Hidden).Select(option => option.Name).ToList();
        if (options.Contains("--learner"))
        {
            options.RemoveAll(s_ofLearners.Contains); // these have pages of their own
        }

        var groups = await GroupsAsync([.. verb.Split(' '), "--help"]);

        var shown = groups.Where(group => group.Title != "Every command").ToList();
        Assert.Equal(options.Order(), shown.SelectMany(group => group.Options).Order());
        Assert.True(shown.Count > 1 && shown.All(group => group.Options.Count <= 15), "a group is a page of its own");
        Assert.Equal(CommonOptions.All.Select(option => option.Name).Append("--help").Order(), groups.Single(group => group.Title == "Every command").Options.Order());
    }

    [Fact]
    public void VerbsWithManyOptions_AreMoreThanSimulate() =>
        Assert.Subset(ManyOptions().ToHashSet(), new HashSet<string> { "simulate", "compare", "demo", "data inspect" });

    [Theory]
    [InlineData("simulate", "--data --learner --rounds --seeds --storage")]
    [InlineData("compare", "--data --learner --parties --party-alpha --seeds")]
    [InlineData("demo", "--once --scenario --data --port --storage")]
    [InlineData("eval", "--model --against --baselines --k --federation")]
    [InlineData("recommend", "--items --count --explain --model --federation")]
    public async Task Help_OfAVerb_BeginsWithTheFiveOptionsThatPeopleNeed(string verb, string options)
    {
        var groups = await GroupsAsync(verb, "--help");

        Assert.Equal(("Begin with", options), (groups[0].Title, string.Join(' ', groups[0].Options)));
    }

    [Theory]
    [InlineData("simulate")]
    [InlineData("compare")]
    public async Task Help_OfALearner_HasItsOwnOptionsAndNoOthers(string verb)
    {
        var whole = (await GroupsAsync(verb, "--help")).SelectMany(group => group.Options);
        Assert.Empty(whole.Intersect(s_ofLearners));

        foreach (var learner in LearnerRegistry.All)
        {
            var group = Assert.Single(await GroupsAsync(verb, "--rounds", "3", "--learner", learner.Name, "--help"));

            Assert.StartsWith(learner.Name, group.Title, StringComparison.Ordinal);
            Assert.Equal(learner.Options.Select(option => $"--{option.Name}"), group.Options);
        }
    }

    [Fact]
    public async Task Help_OfALearner_SaysValuesWithTheirDefaults()
    {
        var run = await CommandRun.OfAsync(_folder.Path, "simulate", "--learner", "mf", "--help");

        Assert.Contains("--objective <least-squares|logistic|bpr|mse>", run.Out, StringComparison.Ordinal);
        Assert.Matches("--dims <N> +Length of user and item vectors. From 1 to 256. \\[default: 64\\]", run.Out);
        Assert.Contains("fedrec simulate --help shows the options that all learners share.", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(160)]
    public async Task Help_OnATerminal_KeepsToItsWidth(int width)
    {
        using var output = new StringWriter();
        await CliApp.RunAsync(["compare", "--help"], CommandRun.Terminal(_folder.Path, output) with { Width = width });

        var lines = output.ToString().Split('\n');
        var text = lines.TakeWhile(line => line != "Examples:").Where(line => !line.StartsWith("  -", StringComparison.Ordinal)); // labels and examples are not broken
        Assert.All(text, line => Assert.True(line.Length <= width, line));
    }

    // What stands under each heading: a heading begins its line, an option stands two columns in.
    private async Task<List<(string Title, List<string> Options)>> GroupsAsync(params string[] line)
    {
        var run = await CommandRun.OfAsync(_folder.Path, line);
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        var groups = new List<(string Title, List<string> Options)>();
        foreach (var text in run.Out.Split('\n').TakeWhile(text => text != "Examples:"))
        {
            if (text.EndsWith(':') && text[0] != ' ')
            {
                groups.Add((text[..^1], []));
            }
            else if (text.StartsWith("  -", StringComparison.Ordinal))
            {
                groups[^1].Options.Add(text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).First(word => word.StartsWith("--", StringComparison.Ordinal)));
            }
        }

        return [.. groups.Where(group => group.Options.Count > 0)];
    }

    private static IEnumerable<string> ManyOptions() =>
        Leaves("", Verbs.Create(CommandRun.Terminal(Path.GetTempPath()))).Where(leaf => leaf.Command.Options.Count > Many).Select(leaf => leaf.Path);

    private static IEnumerable<(string Path, Command Command)> Leaves(string path, IEnumerable<Command> commands) => commands.SelectMany(command =>
        command.Subcommands.Count == 0 ? [($"{path} {command.Name}".Trim(), command)] : Leaves($"{path} {command.Name}", command.Subcommands));
}
