using System.Text;
using FedRec.Core.Snapshots;
using FedRec.Hosting;

namespace FedRec.Cli.Parties;

/// <summary>Files that a party keeps: written whole or not at all, for nobody else to read, and with words of what, where and what next where that cannot be done.</summary>
internal static class PartyFiles
{
    /// <summary>Makes a folder that nobody else may enter, where it is not there.</summary>
    /// <returns>Whether it was not.</returns>
    /// <exception cref="PartyFileException">It cannot be made.</exception>
    public static bool MakeFolder(string path)
    {
        try
        {
            var isNew = !Directory.Exists(path);
            Directory.CreateDirectory(path);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            return isNew;
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            throw new PartyFileException(path, "cannot be made", FileFailure.Cause(exception, path, isFolder: true), exception);
        }
    }

    /// <summary>What is in a file; null where nothing has its name.</summary>
    /// <exception cref="PartyFileException">It is there, and cannot be read.</exception>
    public static string? TryRead(string file) => Path.Exists(file) ? Try(file, "cannot be read", () => File.ReadAllText(file)) : null;

    /// <summary>Writes a file, on the disk before it returns; a crash or a failure leaves the file of before, or none.</summary>
    /// <exception cref="PartyFileException">It cannot be written.</exception>
    public static void Write(string file, string text) => Write(file, Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Write(string, string)"/>
    public static void Write(string file, ReadOnlySpan<byte> bytes)
    {
        var draft = $"{file}.new";
        try
        {
            using (var stream = new FileStream(draft, OwnersOnly(FileMode.Create)))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, file, overwrite: true);
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            var failure = new PartyFileException(file, "cannot be written", Directory.Exists(draft) ? $"{draft} is a folder" : FileFailure.Cause(exception, file), exception);
            Drop(draft);
            throw failure;
        }
    }

    /// <summary>Deletes a file, where it is there.</summary>
    public static void Drop(string file)
    {
        if (File.Exists(file))
        {
            File.Delete(file);
        }
    }

    /// <summary>Does something with a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="what">What it cannot be when that fails, such as "cannot be read".</param>
    /// <param name="work">Does it.</param>
    /// <exception cref="PartyFileException">It fails.</exception>
    public static T Try<T>(string file, string what, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            throw new PartyFileException(file, what, FileFailure.Cause(exception, file), exception);
        }
    }

    /// <summary>A file that is made for nobody else to read.</summary>
    public static FileStreamOptions OwnersOnly(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static bool IsOfFiles(Exception exception) => FileFailure.Is(exception) && exception is not PartyFileException;
}

/// <summary>A file or a folder of a party that cannot be used: says which, why, and what to do.</summary>
/// <param name="path">Which.</param>
/// <param name="what">Such as "cannot be written".</param>
/// <param name="why">Why.</param>
/// <param name="cause">What the system said.</param>
/// <param name="next">What to do. Default: what helps with a place that cannot be used.</param>
internal sealed class PartyFileException(string path, string what, string why, Exception? cause, string? next = null) : IOException($"{path} {what}: {why}.", cause)
{
    /// <summary>Why.</summary>
    public string Why => why;

    /// <summary>What to do next.</summary>
    public string Next => next ?? (FullStore.CauseOf(InnerException) is not null ? "Free some space there, or give the party another folder with --folder; what was there is as it was."
        : "Mend that, or give the party another folder with --folder; what was there is as it was.");
}
