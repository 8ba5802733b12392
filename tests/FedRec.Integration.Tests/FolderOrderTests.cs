using System.Text.RegularExpressions;

namespace FedRec.Integration.Tests;

/// <summary>The folders of a project have an order, and each knows only those before it: so what a folder needs can be read without what needs it.</summary>
/// <remarks>Read from the usings, which are exact: one that is not needed is a build error, and namespaces follow folders.</remarks>
public sealed class FolderOrderTests
{
    private static readonly string[] s_grains =
        ["Access", "Requests", "Privacy", "Parties", "Training", "Models", "Evaluations", "Rounds", "Runs", "RemoteParties", "Clients", "Histories", "Recommendations", "Federations"];

    // What is computed of parts that have an order of their own stands before what uses them: metrics before learners that vote by them.
    private static readonly string[] s_core =
    [
        "Native", "Randomness", "Updates", "Aggregation", "Privacy", "Data", "Catalogues", "Parties", "Snapshots", "Evaluation/Metrics", "Federation/ServerOptimizers",
        "Learners", "Personalization", "Federation", "Evaluation", "Audits",
    ];

    [Fact]
    public void Folders_OfTheGrains_KnowOnlyThoseBeforeThem() => AssertOrdered("Grains", s_grains);

    [Fact]
    public void Folders_OfCore_KnowOnlyThoseBeforeThem() => AssertOrdered("Core", s_core);

    // Noise, clipping and their accounting are around what learners train, and nothing in them differs where a run is private.
    [Fact]
    public void Learners_KnowNothingOfPrivacy() => Assert.Empty(
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "FedRec.Core", "Learners"), "*.cs", SearchOption.AllDirectories)
        where Regex.IsMatch(File.ReadAllText(file), @"\bCore\.Privacy\b|\bAdaptiveClipping\b|\bCentralPrivacy\b|\bAdaptivelyClipped")
        select file);

    private static void AssertOrdered(string project, string[] order)
    {
        var root = Path.Combine(Repository.Root, "src", $"FedRec.{project}");
        var files = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
            .Where(file => file.Contains('/') && !file.StartsWith("bin/", StringComparison.Ordinal) && !file.StartsWith("obj/", StringComparison.Ordinal)).ToArray();

        Assert.Equal(order.Order(), files.Select(file => PlaceOf(file, order) is >= 0 and var place ? order[place] : file).Distinct().Order());
        Assert.Empty(from file in files
                     from Match known in Regex.Matches(File.ReadAllText(Path.Combine(root, file)), $@"\b{project}\.([\w.]+)")
                     where PlaceOf(known.Groups[1].Value.Replace('.', '/') + "/", order) > PlaceOf(file, order)
                     select $"{file} knows {known.Groups[1].Value}");
    }

    private static int PlaceOf(string path, string[] order) =>
        Array.IndexOf(order, order.Where(folder => path.StartsWith(folder + "/", StringComparison.Ordinal)).MaxBy(folder => folder.Length));
}
