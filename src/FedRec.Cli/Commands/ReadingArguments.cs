using System.CommandLine;
using FedRec.Contracts.Runs;
using FedRec.Core.Data.Readers;

namespace FedRec.Cli.Commands;

/// <summary>What is said of a file of interactions where it does not tell itself; the same for every verb that reads one.</summary>
/// <param name="here">Whether the verb reads the file in this process, which alone may ask a database: silos and the API take no SQL from anybody.</param>
internal sealed class ReadingArguments(bool here = false)
{
    private readonly Option<string?> _user = Column("user", "users");
    private readonly Option<string?> _item = Column("item", "items");
    private readonly Option<string?> _time = Column("time", "times, or none");
    private readonly Option<string?> _rating = Column("rating", "ratings, or none");
    private readonly Option<string?> _kind = Column("kind", "kinds of events, or none");
    private readonly Option<bool> _noHeader = new("--no-header") { Description = "The first line is data, and columns are called by their places." };
    private readonly Option<string?> _separator = TypedOptions.Text("--separator", "What stands between fields: one character, the same twice, or tab, comma, semicolon, bar, blanks. Default: found out.", "CHARACTER");
    private readonly Option<string?> _kinds = TypedOptions.Text("--kinds", "What the words of the column of kinds mean, such as 0=view,2=cart,3=purchase.", "WORD=KIND,...");
    private readonly Option<string?> _encoding = TypedOptions.Text("--encoding", "How the text is written: latin1, windows-1252, utf-16, shift_jis and so on. Default: utf-8.", "NAME");

    private readonly Option<string?> _query = TypedOptions.Text("--query", "What is asked of a SQLite database, such as 'SELECT customer AS user, product AS item, bought AS timestamp FROM orders'; it is only read.", "SQL");

    public OptionGroup Group => new("Reading the file", [_user, _item, _time, _rating, _kind, _noHeader, _separator, _kinds, _encoding, .. here ? [_query] : Array.Empty<Option>()]);

    /// <summary>What was given, for a verb that reads the file itself.</summary>
    /// <exception cref="CliException">A value means nothing.</exception>
    public ReadingOptions Read(CommandContext context)
    {
        var reading = new ReadingOptions
        {
            UserColumn = context.Value(_user),
            ItemColumn = context.Value(_item),
            TimeColumn = context.Value(_time),
            RatingColumn = context.Value(_rating),
            KindColumn = context.Value(_kind),
            NoHeader = context.Value(_noHeader),
            Separator = context.Value(_separator),
            Kinds = context.Value(_kinds),
            Encoding = context.Value(_encoding),
            Query = here ? context.Value(_query) : null,
        };
        try
        {
            reading.Check();
            return reading;
        }
        catch (ArgumentException e)
        {
            throw new CliException(ExitCode.Usage, e.Message, "Leave out what the file tells itself; fedrec data inspect shows what was found out.", e);
        }
    }

    /// <summary>What was given, for silos, which read the file themselves; null when nothing was.</summary>
    /// <exception cref="CliException">A value means nothing.</exception>
    public ReadingSpec? ToSpec(CommandContext context)
    {
        var given = Read(context);
        return given == new ReadingOptions() ? null : new ReadingSpec
        {
            UserColumn = given.UserColumn,
            ItemColumn = given.ItemColumn,
            TimeColumn = given.TimeColumn,
            RatingColumn = given.RatingColumn,
            KindColumn = given.KindColumn,
            NoHeader = given.NoHeader,
            Separator = given.Separator,
            Kinds = given.Kinds,
            Encoding = given.Encoding,
        };
    }

    private static Option<string?> Column(string name, string what) => TypedOptions.Text($"--{name}-column", $"Column of {what}: its name, or its place from 1. Default: found out.", "COLUMN");
}
