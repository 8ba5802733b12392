namespace FedRec.Core.Data.Readers;

/// <summary>Copies what can be read only once, a pipe or a terminal, so that its format can be found out before it is read.</summary>
internal static class SpooledFile
{
    private const int InMemory = 64 << 20;
    private const long Largest = 8L << 30;

    /// <summary>Reads to the end and closes the source; a regular file that is empty gives nothing.</summary>
    /// <param name="source">A pipe, a terminal, a device, or an empty file.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <returns>The copy, at its start; in memory, or in a temporary file that goes when it is closed.</returns>
    /// <exception cref="DatasetException">It has no end, or more than is copied.</exception>
    public static Stream Copy(FileStream source, string file)
    {
        using (source)
        {
            var (device, block) = (source.CanSeek, new byte[1 << 16]);
            Stream copy = new MemoryStream();
            try
            {
                for (int read; (read = source.Read(block)) > 0;)
                {
                    if (device && block.AsSpan(0, read).Contains((byte)0))
                    {
                        throw new DatasetException("It is a device and no file.", "Give a file or a pipe with one interaction per line.", file);
                    }

                    copy = copy is MemoryStream && copy.Length + read > InMemory ? OnDisk(copy) : copy;
                    copy.Write(block, 0, read);
                    ThrowIfEndless(copy.Length, file);
                }
            }
            catch
            {
                copy.Dispose();
                throw;
            }

            copy.Position = 0;
            return copy;
        }
    }

    private static void ThrowIfEndless(long length, string file)
    {
        if (length > Largest)
        {
            throw new DatasetException($"The pipe gives more than {Largest >> 30} GB.", "Write its rows to a file first, and give that.", file);
        }
    }

    private static FileStream OnDisk(Stream start)
    {
        var name = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.SequentialScan };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var disk = new FileStream(name, options);
        start.Position = 0;
        start.CopyTo(disk);
        start.Dispose();
        return disk;
    }
}
