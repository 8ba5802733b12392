using System.CommandLine;
using FedRec.Cli.Commands;
using FedRec.Cli.Hosting;
using FedRec.Hosting;

namespace FedRec.Cli.Runs;

/// <summary>The way to a FedRec that is running: the process of this machine that has the store, a named cluster, or an address.</summary>
internal sealed class RunConnection
{
    private const string KeyVariable = "FEDREC_API_KEY";

    public Option<string?> KeyFile { get; } = TypedOptions.Text("--api-key-file", $"File with the key of --cluster URL. Default: the variable {KeyVariable}.", "FILE");

    public OptionGroup Group => new("Which FedRec", [CommonOptions.Cluster, KeyFile]);

    /// <summary>Connects; nothing is started.</summary>
    /// <exception cref="CliException">Nothing is running there, or it does not answer.</exception>
    public async Task<IRuns> OpenAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.ClusterAddress is { } address)
        {
            return new HttpRuns(address, Key(context, address));
        }

        if (context.IsGiven(KeyFile))
        {
            throw new CliException(ExitCode.Usage, "--api-key-file goes with --cluster URL.", "Give the address of the FedRec that knows the key, or leave it out.");
        }

        var plan = VerbSession.Plan(context, null);
        return new ClusterRuns(context, plan.Settings.Silo.Cluster.Length > 0 ? await StoreAccess.ConnectNamedAsync(context, plan, cancellationToken) : await ConnectAsync(context, plan, cancellationToken));
    }

    private static Task<FedRecSession> ConnectAsync(CommandContext context, SessionPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Storage == "memory")
        {
            throw new CliException(ExitCode.BadConfiguration, "What another process keeps in its memory is reached at its address only.", "Give it: --cluster http://localhost:5080");
        }

        return InstanceLease.IsTaken(context.DataFolder, plan.Store) && InstanceLease.Read(context.DataFolder, plan.Store) is { } owner
            ? StoreAccess.ConnectAsync(context, plan.Store, $"'{owner.Program}' (process {owner.ProcessId})", cancellationToken, owner)
            : throw new CliException(ExitCode.StoreUnreachable, $"No FedRec process of this machine has the store in {context.DataFolder}.",
                "Start 'fedrec serve' or 'fedrec up', or say which FedRec is meant: --cluster http://HOST:5080, or a profile of silo-config.");
    }

    private string? Key(CommandContext context, Uri address) => Key(context, KeyFile, address);

    /// <summary>The key that an address is shown; null for none.</summary>
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="keyFile">The option that names a file with it; without it, it is in the environment.</param>
    /// <param name="address">Who is shown it.</param>
    /// <exception cref="CliException">There is no such file, or no key in it.</exception>
    public static string? Key(CommandContext context, Option<string?> keyFile, Uri address)
    {
        var key = context.Value(keyFile) is { } file ? Read(context.FullPath(file)) : context.Terminal.Variable(KeyVariable)?.Trim();
        if (key is not null && address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
        {
            context.Terminal.Error.WriteLine($"WARNING: the key travels to {address.Host} unencrypted; whoever sees it may use it. Put a proxy with TLS in front of FedRec, and give https://.");
        }

        return key is not { Length: > 0 } ? null : key.All(sign => sign is > ' ' and <= '~') ? key
            : throw new CliException(ExitCode.Usage, "The API key holds signs that no key has.", "A key is one word of letters, digits and signs, alone in its file.");
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCode.Usage, $"There is no file {file}.", "Give --api-key-file an existing file with the key alone.", e);
        }
    }
}
