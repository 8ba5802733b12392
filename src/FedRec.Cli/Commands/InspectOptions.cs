using System.CommandLine;
using FedRec.Core.Data;
using FedRec.Core.Data.Cleaning;
using FedRec.Core.Data.Reports;

namespace FedRec.Cli.Commands;

/// <summary>What <c>data inspect</c> looks at.</summary>
internal sealed class InspectOptions
{
    private readonly Argument<string?> _path = new("path") { Description = "File or folder; without it, the built-in synthetic catalogue.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<double> _badRows = TypedOptions.Share("--max-bad-rows", "Share of bad rows above which the file is refused; training uses 0.01.", 1);
    private readonly ReadingArguments _reading = new(here: true);
    private readonly Option<string?> _schema = TypedOptions.Text(
        "--schema", "JSON file that declares the columns: features and a label instead of interactions. Not with --clean, --normalize-ratings or --parties.", "FILE");
    private readonly Option<string> _clean = RunOptions.CleanOption();
    private readonly Option<bool> _normalize = RunOptions.NormalizeOption();
    private readonly Option<int> _minUserItems = RunOptions.MinUserItemsOption();
    private readonly Option<int> _minItemUsers = RunOptions.MinItemUsersOption();
    private readonly Option<string?> _context = RunOptions.ContextOption();
    private readonly Option<string> _scenario = CommonOptions.Scenario();
    private readonly Option<int> _parties = TypedOptions.Number("--parties", "Deals the users to this many parties and shows what they would report; 0: the parties of the data, if it has any.", 0, 0);
    private readonly Option<double> _alpha = TypedOptions.NotNegative("--alpha", "Deals tastes and volumes unevenly to the --parties, by a Dirichlet draw with this concentration: 0.1 very, 100 hardly; 0: alike.");
    private readonly Option<ulong> _seed = TypedOptions.Seed("Seed of the deal to --parties.");

    /// <summary>Makes the options known to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_path);
        command.WithOptions(
        [
            new("Data", [_schema, _badRows, _clean, _normalize, _minUserItems, _minItemUsers, _context, _scenario]),
            _reading.Group,
            new("Parties", [_parties, _alpha, _seed]),
        ]);
    }

    /// <summary>Opens the data.</summary>
    /// <exception cref="CliException">There is nothing at a path, or options do not fit together.</exception>
    public Dataset Open(CommandContext context)
    {
        var (schema, clean) = (context.Value(_schema), CleaningWords.Parse(context.Value(_clean)));
        if (schema is not null && (clean != CleaningRules.None || context.Value(_normalize) || context.Value(_parties) > 0))
        {
            throw new CliException(ExitCode.Usage, "--clean, --normalize-ratings and --parties are for interactions, but --schema declares a table of features.", "Leave them out, or --schema.");
        }

        return RunRequests.Parts.Open(new DatasetOptions
        {
            Path = context.Value(_path) is { } path ? RunRequests.ExistingPath(context, path) : null,
            Schema = schema is null ? null : RunRequests.ExistingPath(context, schema, RunRequests.MissingSchema),
            MaxBadRowShare = context.Value(_badRows),
            Reading = _reading.Read(context),
            Clean = clean,
            NormalizeRatings = context.Value(_normalize),
            MinUserItems = context.Value(_minUserItems),
            MinItemUsers = context.Value(_minItemUsers),
            ContextData = context.Value(_context) is { } other ? RunRequests.ExistingPath(context, other) : null,
            Scenario = RunRequests.ScenarioOf(context.Value(_scenario)),
        });
    }

    /// <summary>What the parties would report; null when there are none.</summary>
    /// <exception cref="CliException">There are more parties than users, or an uneven deal without parties.</exception>
    public DataReport? ReportOf(CommandContext context, Dataset dataset)
    {
        var (parties, alpha, seed) = (context.Value(_parties), context.Value(_alpha), context.Value(_seed));
        if (alpha > 0 && parties == 0)
        {
            throw new CliException(ExitCode.Usage, "--alpha needs --parties.", "It says how unevenly the users are dealt to the parties: give --parties 20 too, for example.");
        }

        if (parties > dataset.Users.Count)
        {
            throw new CliException(ExitCode.Usage, $"--parties is {parties}, but the data has {dataset.Users.Count} users.", "Give at most as many parties as there are users.");
        }

        return parties > 0 ? DataReport.Of(dataset, alpha > 0 ? ClientPartition.Skewed(dataset, parties, alpha, seed) : ClientPartition.Dealt(dataset, parties, seed))
            : dataset is { Parties: not null, Task: null } ? DataReport.Of(dataset)
            : null;
    }
}
