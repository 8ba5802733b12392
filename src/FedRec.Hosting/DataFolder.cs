namespace FedRec.Hosting;

/// <summary>The per-user folder in which FedRec keeps what outlives a process.</summary>
internal static class DataFolder
{
    /// <summary><c>FEDREC_DATA_HOME</c>, else <c>fedrec</c> in <c>XDG_DATA_HOME</c> or the system's folder for application data.</summary>
    /// <param name="variable">Reads an environment variable; null or empty where it is not set.</param>
    /// <param name="here">What a relative folder is relative to.</param>
    public static string OfUser(Func<string, string?> variable, string here)
    {
        if (variable("FEDREC_DATA_HOME") is { Length: > 0 } own)
        {
            return Path.GetFullPath(own, here);
        }

        var data = variable("XDG_DATA_HOME") is { Length: > 0 } given ? given
            : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(Path.GetFullPath(data, here), "fedrec");
    }
}
