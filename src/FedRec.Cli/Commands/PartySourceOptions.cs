using System.CommandLine;
using FedRec.Core.Data.Readers;

namespace FedRec.Cli.Commands;

/// <summary>Where a party's interactions are: a file or folder, a SQLite database, or any database with a provider for ADO.NET.</summary>
internal sealed class PartySourceOptions
{
    private readonly Option<string?> _data = TypedOptions.Text("--data", "File or folder with the party's interactions and their times. It is read here, and never sent; nor is any of the following.", "PATH");
    private readonly Option<string?> _sqlite = TypedOptions.Text("--sqlite", "SQLite database with the interactions, of which --query says what is read; it is opened to be read.", "FILE");
    private readonly Option<string?> _connection = TypedOptions.Text("--connection-file", "File with the connection string of another database; takes --provider and --query. Use an account that may only read.", "FILE");
    private readonly Option<string?> _provider = TypedOptions.Text("--provider", "The database's ADO.NET provider, with --connection-file: its assembly, such as Npgsql.dll, with what it needs beside it.", "FILE");

    public IReadOnlyList<Option> All => [_data, _sqlite, _connection, _provider];

    /// <summary>Where the data is, and how it is read.</summary>
    /// <exception cref="CliException">No place or several are given, or what goes with another one.</exception>
    public (string Data, ReadingOptions Reading) Read(CommandContext context, ReadingArguments arguments)
    {
        var (data, sqlite, connection, provider) = (context.Value(_data), context.Value(_sqlite), context.Value(_connection), context.Value(_provider));
        if (new[] { data, sqlite, connection }.Count(given => given is not null) != 1)
        {
            throw new CliException(ExitCode.Usage, "The party's interactions are at one place.", "Give one of --data PATH, --sqlite FILE with --query SQL, or --connection-file FILE with --provider FILE and --query SQL.");
        }

        var reading = arguments.Read(context);
        if ((connection is null) != (provider is null))
        {
            throw new CliException(ExitCode.Usage, "--connection-file and --provider go together.", "Give both: the file with the connection string, and the assembly of the database's ADO.NET provider.");
        }

        if (data is null && reading.Query is null)
        {
            throw new CliException(ExitCode.Usage, "It is not said what to read of the database.", "Give --query SQL, such as --query 'SELECT customer AS user, product AS item, bought AS timestamp FROM orders'.");
        }

        return (RunRequests.ExistingPath(context, (data ?? sqlite ?? connection)!), provider is null ? reading : reading with { Provider = RunRequests.ExistingPath(context, provider, "Check the path of the provider's assembly.") });
    }
}
