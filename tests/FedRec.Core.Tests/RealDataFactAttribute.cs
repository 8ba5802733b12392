namespace FedRec.Core.Tests;

/// <summary>A test on real data sets, which are not part of the project: skipped, with the reason, where they are absent.</summary>
public sealed class RealDataFactAttribute : FactAttribute
{
    public RealDataFactAttribute(string relativePath)
    {
        if (!System.IO.Path.Exists(RealData.Path(relativePath)))
        {
            Skip = $"{relativePath} is not in {RealData.Folder}; set FEDREC_DATA to the folder of the data sets.";
        }
    }
}

internal static class RealData
{
    public static string Folder { get; } = Environment.GetEnvironmentVariable("FEDREC_DATA") ?? System.IO.Path.GetFullPath(System.IO.Path.Combine(RepositoryRoot(), "..", "shared", "data"));

    public static string Path(string relativePath) => System.IO.Path.Combine(Folder, relativePath);

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder.Parent is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "FedRec.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
