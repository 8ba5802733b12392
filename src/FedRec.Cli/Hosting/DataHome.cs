namespace FedRec.Cli.Hosting;

/// <summary>The per-user folder in which FedRec keeps what outlives a command.</summary>
internal static class DataHome
{
    /// <summary><c>FEDREC_DATA_HOME</c>, else <c>fedrec</c> in <c>XDG_DATA_HOME</c> or the system's folder for application data.</summary>
    public static string Folder(Terminal terminal)
    {
        if (terminal.Variable("FEDREC_DATA_HOME") is { } own)
        {
            return Path.GetFullPath(own, terminal.Folder);
        }

        var data = terminal.Variable("XDG_DATA_HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(Path.GetFullPath(data, terminal.Folder), "fedrec");
    }
}
