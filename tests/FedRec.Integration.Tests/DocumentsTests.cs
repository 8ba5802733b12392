using System.Text.RegularExpressions;
using FedRec.Cli;
using FedRec.Integration.Tests.Cli;

namespace FedRec.Integration.Tests;

/// <summary>The README and the documents beside it are true in what can be checked: their links lead somewhere, and the command line takes their commands.</summary>
public sealed partial class DocumentsTests
{
    private const int LongestReadme = 120;
    private static readonly string s_root = FindRoot();

    private static readonly string[] s_documents =
        ["README.md", "silo-config/README.md", .. Directory.GetFiles(Path.Combine(s_root, "src", "docs"), "*.md", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(s_root, file))];

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

    // Lines of code blocks without their comments, and what stands in the text as code with options, since a verb alone is its name; with "…" it is no whole command.
    private static IEnumerable<string> CommandsOf(string text) => Block().Matches(text).SelectMany(block => block.Value.Split('\n'))
        .Concat(Span().Matches(Block().Replace(text, "")).Select(match => match.Groups[1].Value))
        .Select(line => Comment().Replace(line, "").Trim())
        .Where(line => line.StartsWith("fedrec ", StringComparison.Ordinal) && !line.Contains('…', StringComparison.Ordinal) && !Placeholder().IsMatch(line));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "FedRec.sln")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar)) ?? throw new InvalidOperationException("The tests do not lie below FedRec.sln.");
        }

        return folder;
    }

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
