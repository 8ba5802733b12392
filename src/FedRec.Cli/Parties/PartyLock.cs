using System.Globalization;

namespace FedRec.Cli.Parties;

/// <summary>Keeps a second process off a party's folder. The system's lock on a file, which ends with the process however that ends; beside it stands who has it.</summary>
internal static class PartyLock
{
    private const string LockFile = "lock";
    private const int HeldOnLinux = 11; // EWOULDBLOCK
    private const int HeldOnMac = 35;
    private const int HeldOnWindows = unchecked((int)0x80070020);
    private const string OwnerFile = "running"; // a file that is locked cannot be read

    /// <summary>Takes the lock, until it is disposed of.</summary>
    /// <param name="folder">The party's folder.</param>
    /// <param name="party">What the party is called.</param>
    /// <exception cref="CliException">Another process has it.</exception>
    /// <exception cref="PartyFileException">There can be none.</exception>
    public static IDisposable Take(string folder, string party)
    {
        var owner = Path.Combine(folder, OwnerFile);
        var file = Path.Combine(folder, LockFile);
        FileStream taken;
        try
        {
            taken = PartyFiles.Try(file, "cannot be locked", () => new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1));
        }
        catch (PartyFileException exception) when (exception.InnerException!.HResult is HeldOnLinux or HeldOnMac or HeldOnWindows)
        {
            throw new CliException(ExitCode.Failed, $"Party '{party}' runs already, in {OwnerOf(owner)}.", "One process of a party is enough; end the other one first.", exception);
        }

        try
        {
            PartyFiles.Write(owner, string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}"));
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
