namespace FedRec.Cli.Commands;

/// <summary>Tells files from what can be read only once: pipes, terminals and devices.</summary>
internal static class PlainFile
{
    // Opening a pipe waits until somebody writes to it; a file is open at once.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Whether a path can be read again from its start; true for a folder, and for what cannot be opened at all.</summary>
    public static bool Is(string path)
    {
        if (!File.Exists(path) || new FileInfo(path) is { LinkTarget: null, Length: > 0 }) // the length of a link is that of the name it holds
        {
            return true;
        }

        var opening = Task.Run(() => CanBeReadAgain(path));
        return opening.Wait(s_patience) && opening.Result;
    }

    private static bool CanBeReadAgain(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return stream.CanSeek && (stream.Length > 0 || stream.ReadByte() < 0); // a device has no length, and gives bytes all the same
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true; // told when it is read
        }
    }
}
