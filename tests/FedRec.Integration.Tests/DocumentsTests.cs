using System.CommandLine;
using System.Text.RegularExpressions;
using FedRec.Cli;
using FedRec.Integration.Tests.Cli;
using FedRec.Integration.Tests.Web;

namespace FedRec.Integration.Tests;

/// <summary>The README and the documents beside it are true in what can be checked: their links lead somewhere, and the command line takes their commands.</summary>
public sealed partial class DocumentsTests
{
    private const int LongestReadme = 120;
    private static readonly string s_root = Repository.Root;

    private static readonly string[] s_documents =
        ["README.md", "silo-config/README.md", .. Directory.GetFiles(Path.Combine(s_root, "src", "docs"), "*.md", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(s_root, file))];

    private static readonly Lazy<string> s_sources = new(() => string.Join('\n', Directory.EnumerateFiles(Path.Combine(s_root, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(File.ReadAllText)));

    public static TheoryData<string> Documents { get; } = [.. s_documents];

    [Fact]
    public void Readme_IsShort() => Assert.InRange(File.ReadLines(Path.Combine(s_root, "README.md")).Count(), 1, LongestReadme);

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_LeadToFiles(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(s_root, document))!;
        var links = Link().Matches(File.ReadAllText(Path.Combine(s_root, document))).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal));

        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(folder, link.Split('#')[0])), $"{document} links to {link}, which is not there."));
    }

    [Fact]
    public void Documents_AreAllReachedFromTheReadme()
    {
        var texts = string.Join('\n', s_documents.Select(document => File.ReadAllText(Path.Combine(s_root, document))));

        Assert.All(s_documents.Where(document => document.StartsWith("src", StringComparison.Ordinal)), document =>
            Assert.Contains($"{Path.GetFileName(document)})", texts, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Commands_AreTakenByTheCommandLine(string document)
    {
        var root = CliApp.CreateRoot(CommandRun.Terminal(Path.GetTempPath()));
        var wrong = new List<string>();
        foreach (var command in CommandsOf(File.ReadAllText(Path.Combine(s_root, document))))
        {
            var line = root.Parse([.. Word().Matches(command).Skip(1).Select(match => match.Value.Trim('\''))]);
            wrong.AddRange(line.Errors.Select(error => $"{command}: {error.Message}"));
            wrong.AddRange(line.UnmatchedTokens.Select(token => $"{command}: {token} is not taken"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Commands_OfTheReadme_AreFound() =>
        Assert.Superset(new HashSet<string> { "fedrec model list", "fedrec serve" }, CommandsOf(File.ReadAllText(Path.Combine(s_root, "README.md"))).ToHashSet());

    [Theory]
    [MemberData(nameof(Documents))]
    public void Paths_AreThere(string document) => Assert.All(
        SourcePath().Matches(File.ReadAllText(Path.Combine(s_root, document))).Select(match => match.Groups[1].Value),
        path => Assert.True(Path.Exists(Path.Combine(s_root, path)), $"{document} names {path}, which is not there."));

    [Fact]
    public void Sources_NameDocumentsThatAreThere() => Assert.All(
        DocumentPath().Matches(s_sources.Value).Select(match => match.Value).Distinct(),
        path => Assert.True(File.Exists(Path.Combine(s_root, path)), $"A message or a remark names {path}, which is not there."));

    [Theory]
    [InlineData("## From the update at a client to a new version", 15)]
    [InlineData("## From an HTTP request to its answer", 10)]
    public void Walks_AreNoLonger(string heading, int most)
    {
        var walk = File.ReadAllText(Path.Combine(s_root, "src/docs/concepts/how-a-round-works.md")).Split("\n## ").Single(part => heading.EndsWith(part.Split('\n')[0], StringComparison.Ordinal));

        Assert.InRange(SourcePath().Count(walk), most - 5, most);
    }

    // A message is quoted with … where it has a name or a number: each piece between is in the sources.
    [Fact]
    public void Troubleshooting_QuotesMessagesThatThereAre()
    {
        var messages = Quoted().Matches(File.ReadAllText(Path.Combine(s_root, "src/docs/troubleshooting.md"))).Select(match => match.Groups[1].Value).ToArray();

        Assert.InRange(messages.Length, 20, 100);
        Assert.All(messages, message => Assert.All(
            message.Split('…').Select(piece => piece.Trim()).Where(piece => piece.Any(char.IsLetter)),
            piece => Assert.True(s_sources.Value.Contains(piece, StringComparison.Ordinal), $"No message has '{piece}' any more.")));
    }

    [Theory]
    [InlineData("Popularity")]
    [InlineData("SignMajority")]
    [InlineData("Grid")]
    public void Contributing_ShowsWhatIsCompiled(string toy)
    {
        var file = File.ReadAllText(Path.Combine(s_root, "tests/FedRec.Extensions.Tests", $"{toy}.cs")).TrimEnd();

        Assert.Contains($"```csharp\n{file}\n```", File.ReadAllText(Path.Combine(s_root, "src/docs/contributing.md")), StringComparison.Ordinal);
        Assert.InRange(file.Split('\n').Length, 1, 40);
    }

    [Fact]
    public void Reference_ListsEveryCommandAsItsHelpDoes()
    {
        var page = File.ReadAllText(Path.Combine(s_root, "src/docs/reference/commands.md"));
        var commands = Leaves(CliApp.CreateRoot(CommandRun.Terminal(Path.GetTempPath())), "fedrec").ToArray();

        Assert.All(commands, command => Assert.Contains($"| `{command.Name}` | {command.Text} |", page, StringComparison.Ordinal));
        Assert.Equal(commands.Length, page.Split('\n').Count(line => line.StartsWith("| `fedrec ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Reference_ListsEveryOperationOfTheApi()
    {
        await using var host = await WebHost.StartAsync();
        var operations = (await host.GetAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(one => $"{one.Name.ToUpperInvariant()} {path.Name}"));

        var listed = Operation().Matches(File.ReadAllText(Path.Combine(s_root, "src/docs/reference/api.md"))).Select(match => match.Groups[1].Value);

        Assert.Equal(operations.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<(string Name, string? Text)> Leaves(Command command, string path) => command.Subcommands.Count == 0
        ? [(path, command.Description)]
        : command.Subcommands.SelectMany(verb => Leaves(verb, $"{path} {verb.Name}"));

    // Lines of code blocks without their comments, and what stands in the text as code with options, since a verb alone is its name; with "…" it is no whole command.
    private static IEnumerable<string> CommandsOf(string text) => Block().Matches(text).SelectMany(block => block.Value.Split('\n'))
        .Concat(Span().Matches(Block().Replace(text, "")).Select(match => match.Groups[1].Value))
        .Select(line => Comment().Replace(line, "").Trim())
        .Where(line => line.StartsWith("fedrec ", StringComparison.Ordinal) && !line.Contains('…', StringComparison.Ordinal) && !Placeholder().IsMatch(line));

    [GeneratedRegex(@"`((?:src|tests|silo-config)/[^`\s]*[^`\s/])`")]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"src/docs/[\w/-]+\.md")]
    private static partial Regex DocumentPath();

    [GeneratedRegex(@"^\| `([^`]+)`", RegexOptions.Multiline)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^\| `((?:GET|POST|DELETE|PUT) /\S+)`", RegexOptions.Multiline)]
    private static partial Regex Operation();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"`(fedrec [^`]+ --[^`]+)`")]
    private static partial Regex Span();

    [GeneratedRegex(@"\s{2,}#.*$|\s+# .*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@" [A-Z]{2,}\b(?!\S)")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"'[^']*'|\S+")]
    private static partial Regex Word();
}
