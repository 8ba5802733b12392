namespace FedRec.Core.Data.Readers;

/// <summary>Formats in which data is published and which are not read, known by their first bytes: they are refused by name, with the way out.</summary>
internal static class ForeignFormats
{
    private const string Unpack = "Unpack it first, or pack it with gzip or zip.";
    private const string Export = "Write its rows as CSV or Parquet, with pandas for example: ";

    private static readonly (byte[] Start, string Name, string Next)[] s_formats =
    [
        ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "xz", Unpack),
        ([(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], "7-Zip", Unpack),
        ([0x28, 0xB5, 0x2F, 0xFD], "Zstandard", Unpack),
        ([0x04, 0x22, 0x4D, 0x18], "LZ4", Unpack),
        ("Rar!"u8.ToArray(), "RAR", Unpack),
        ([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'], "NumPy array", Export + "pd.DataFrame(np.load(file), columns=['user', 'item']).to_csv('interactions.csv', index=False)."),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "HDF5", Export + "pd.read_hdf(file).to_csv('interactions.csv', index=False)."),
        ("ARROW1"u8.ToArray(), "Arrow (Feather)", Export + "pd.read_feather(file).to_parquet('interactions.parquet')."),
        ("FEA1"u8.ToArray(), "Feather", Export + "pd.read_feather(file).to_parquet('interactions.parquet')."),
        ("ORC"u8.ToArray(), "ORC", Export + "pd.read_orc(file).to_parquet('interactions.parquet')."),
        ([(byte)'O', (byte)'b', (byte)'j', 1], "Avro", Export + "pd.DataFrame(fastavro.reader(open(file, 'rb'))).to_csv('interactions.csv', index=False)."),
        ([0xD0, 0xCF, 0x11, 0xE0], "Excel workbook", "Save the sheet with the interactions as CSV."),
        ("MATLAB 5.0"u8.ToArray(), "MATLAB file", Export + "scipy.io.loadmat(file), then DataFrame.to_csv."),
        ("%PDF"u8.ToArray(), "PDF", "Give the data itself."),
    ];

    /// <summary>Refuses a file by its first bytes.</summary>
    /// <exception cref="DatasetException">It is of such a format.</exception>
    public static void ThrowIfForeign(string file, ReadOnlySpan<byte> start)
    {
        foreach (var (magic, name, next) in s_formats)
        {
            if (start.StartsWith(magic) && (magic.AsSpan().ContainsAnyExceptInRange((byte)' ', (byte)'~') || start.ContainsAnyInRange((byte)0, (byte)8))) // text may begin with letters
            {
                throw Foreign(file, name, next);
            }
        }

        if (start.StartsWith("BZh"u8) && start.Length > 10 && start[4..].StartsWith("1AY&SY"u8))
        {
            throw Foreign(file, "bzip2", Unpack);
        }

        if (start.Length > 262 && start[257..].StartsWith("ustar"u8))
        {
            throw Foreign(file, "tar archive", Unpack);
        }

        if (start.Length > 1 && start[0] == 0x80 && start[1] is >= 2 and <= 5 && start.Contains((byte)0))
        {
            throw Foreign(file, "Python pickle", Export + "pd.read_pickle(file).to_csv('interactions.csv', index=False).");
        }
    }

    /// <summary>Refuses a zip archive that is a format of its own, by the files in it.</summary>
    /// <exception cref="DatasetException">It is of such a format.</exception>
    public static void ThrowIfForeign(string file, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (name.StartsWith("xl/", StringComparison.Ordinal) || name == "content.xml")
            {
                throw Foreign(file, name == "content.xml" ? "OpenDocument sheet" : "Excel workbook", "Save the sheet with the interactions as CSV.");
            }

            if (name.EndsWith(".npy", StringComparison.Ordinal))
            {
                throw Foreign(file, "NumPy archive (npz)", Export + "pd.DataFrame(np.load(file)['…'], columns=['user', 'item']).to_csv('interactions.csv', index=False); a sparse matrix has its rows and columns in .tocoo().");
            }
        }
    }

    private static DatasetException Foreign(string file, string name, string next) => new($"The file is of a format that is not read: {name}.", next, file);
}
