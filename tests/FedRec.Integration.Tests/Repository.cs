namespace FedRec.Integration.Tests;

/// <summary>Where the sources of the tests lie.</summary>
internal static class Repository
{
    /// <summary>The folder of <c>FedRec.sln</c>.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder)
    {
        while (!File.Exists(Path.Combine(folder, "FedRec.sln")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar)) ?? throw new DirectoryNotFoundException("The tests are not below the folder of FedRec.sln.");
        }

        return folder;
    }
}
