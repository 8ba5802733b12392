using System.Globalization;

namespace FedRec.Cli.Parties;

/// <summary>Keeps a second process off a party's folder. The system's lock on a file, which ends with the process however that ends; beside it stands who has it.</summary>
internal static class PartyLock
{
    private const string LockFile = "lock";
    private const string OwnerFile = "running"; // a file that is locked cannot be read

    /// <summary>Takes the lock, until it is disposed of.</summary>
    /// <param name="folder">The party's folder.</param>
    /// <param name="party">What the party is called.</param>
    /// <exception cref="CliException">Another process has it.</exception>
    public static IDisposable Take(string folder, string party)
    {
        var owner = Path.Combine(folder, OwnerFile);
        FileStream taken;
        try
        {
            taken = new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new CliException(ExitCode.Failed, $"Party '{party}' runs already, in {OwnerOf(owner)}.", "One process of a party is enough; end the other one first.", exception);
        }

        try
        {
            File.WriteAllText(owner, string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}"));
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    // It may just be starting.
    private static string OwnerOf(string file)
    {
        try
        {
            return File.ReadAllText(file) is { Length: > 0 } owner ? owner : "another process";
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}
