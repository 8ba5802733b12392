using System.Text.RegularExpressions;

namespace FedRec.Integration.Tests;

/// <summary>The folders of the grains have an order, and each knows only those before it: so what a folder needs can be read without what needs it.</summary>
/// <remarks>Read from the usings, which are exact: one that is not needed is a build error, and namespaces follow folders.</remarks>
public sealed partial class FolderOrderTests
{
    private static readonly string[] s_order =
        ["Requests", "Parties", "Training", "Models", "Evaluations", "Rounds", "Runs", "Clients", "Histories", "Recommendations", "Federations"];

    [Fact]
    public void Folders_OfTheGrains_KnowOnlyThoseBeforeThem()
    {
        var root = Path.Combine(Repository.Root, "src", "FedRec.Grains");
        var folders = Directory.GetDirectories(root).Select(folder => Path.GetFileName(folder)!).Where(folder => folder is not ("bin" or "obj")).ToArray();

        Assert.Equal(s_order.Order(), folders.Order());
        Assert.Empty(from folder in folders
                     from file in Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories)
                     from Match known in Known().Matches(File.ReadAllText(file))
                     where Array.IndexOf(s_order, known.Groups[1].Value) > Array.IndexOf(s_order, folder)
                     select $"{folder}/{Path.GetFileName(file)} knows {known.Groups[1].Value}");
    }

    [GeneratedRegex(@"\bGrains\.(\w+)\s*[;.]")]
    private static partial Regex Known();
}
