using FedRec.Core.Snapshots;

namespace FedRec.Hosting;

/// <summary>Why a file or a folder cannot be used, in words: the system's own are of calls, and the same for several causes.</summary>
internal static class FileFailure
{
    /// <summary>Whether something failed at a file.</summary>
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Why, such as "the disk is full"; a part of a sentence.</summary>
    /// <param name="exception">What the system said.</param>
    /// <param name="path">Which file or folder was to be used.</param>
    /// <param name="isFolder">Whether it was to be a folder. Default: false.</param>
    public static string Cause(Exception exception, string path, bool isFolder = false) =>
        FullStore.CauseOf(exception) is not null ? "the disk is full"
        : isFolder && File.Exists(path) ? "a file is in its place"
        : !isFolder && Directory.Exists(path) ? "a folder is in its place"
        : FileAbove(path) is { } above ? $"{above} is a file, and no folder"
        : exception is UnauthorizedAccessException ? $"user {Environment.UserName} has no right to"
        : exception.Message.StartsWith("Read-only file system", StringComparison.Ordinal) ? "the file system is there to be read only"
        : exception is FileNotFoundException or DirectoryNotFoundException ? "it, or the folder that it is in, is not there"
        : exception.Message.Split('\n')[0].TrimEnd('.');

    private static string? FileAbove(string path)
    {
        var above = Path.GetDirectoryName(path);
        while (above is not null && !Path.Exists(above))
        {
            above = Path.GetDirectoryName(above);
        }

        return File.Exists(above) ? above : null;
    }
}
