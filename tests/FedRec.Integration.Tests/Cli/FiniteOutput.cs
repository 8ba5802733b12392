using System.Text.RegularExpressions;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Looks for numbers that are none in all that a command printed and stored.</summary>
internal static partial class FiniteOutput
{
    /// <param name="run">The command.</param>
    /// <param name="folder">Its run folder.</param>
    public static void Check(CommandRun run, string folder)
    {
        Assert.DoesNotMatch(NotANumber(), run.Out);
        Assert.DoesNotMatch(NotANumber(), run.Error);
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is ".json" or ".jsonl" or ".csv" or ".tsv")];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.DoesNotMatch(NotANumber(), File.ReadAllText(file)));
    }

    [GeneratedRegex("\\bNaN\\b|∞|Infinity", RegexOptions.CultureInvariant)]
    public static partial Regex NotANumber();
}
