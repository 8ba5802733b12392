using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Cli.Runs;

namespace FedRec.Cli.Commands;

/// <summary><c>run</c>: the runs of a FedRec that is running, on this machine or another; they need nobody who watches.</summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("run", "Starts, lists, watches, stops, resumes, compares and exports runs of a FedRec that is running, and tells which parties took part.")
        {
            Start(terminal),
            RunListCommand.Create(terminal),
            RunWatchCommand.Create(terminal),
            Parties(terminal),
            Stop(terminal),
            Resume(terminal),
            RunCompareCommand.Create(terminal),
            RunExportCommand.Create(terminal),
        };
        return command.WithExamples(
            "fedrec run start --federation shop --learner ease", "fedrec run watch                                   the newest run, to its end; Ctrl-C leaves it alone",
            "fedrec run list --cluster https://fedrec.example.org    with the key in FEDREC_API_KEY", "fedrec run compare run-1 run-2");
    }

    /// <summary>Which run a verb is about.</summary>
    internal static Argument<string?> Id(string? description = null) =>
        new("run") { Description = description ?? "Such as run-3, or shop/run-3 with its federation. Default: the newest.", Arity = ArgumentArity.ZeroOrOne };

    private static Command Start(Terminal terminal)
    {
        var (options, learner, connection) = (new RunOptions(), new LearnerArguments(), new RunConnection());
        var federation = new Option<string>("--federation") { Description = "Federation that is trained, on what its clients keep or what it simulates; one that is not there yet simulates the built-in catalogue.", HelpName = "NAME", Required = true };
        var watch = new Option<bool>("--watch") { Description = "Watches it to its end, as 'fedrec run watch' does." };
        var command = new Command("start", "Starts a run and returns; the run goes on by itself.");
        command.WithOptions(OptionGroup.BeginWith([federation, learner.Learner, options.Rounds, options.Seed, watch], [.. options.HostedGroups, connection.Group]));
        learner.AddTo(command);
        command.WithExamples("fedrec run start --federation shop --learner ease", "fedrec run start --federation demo --rounds 50 --watch");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var request = RunRequests.Build(context, options, learner.Read(context), context.Value(federation), context.Value(options.Seed), hosted: true).Request;
            await using var runs = await connection.OpenAsync(context, cancellationToken);
            var started = await runs.StartAsync(request, cancellationToken);
            PartiesOfRun.Say(context, started.Parties ?? []);
            if (context.Value(watch))
            {
                context.Say(started.Message);
                return await RunWatchCommand.WatchAsync(context, runs, new RunName(started.Federation, started.Run), cancellationToken);
            }

            Tell(context, started);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Parties(Terminal terminal)
    {
        var command = new Command("parties", "Lists the parties with a process of their own: which may take part in a run, and what each has done for it.");
        return Verb(terminal, command, async (context, runs, name, cancellationToken) =>
        {
            var run = await runs.GetAsync(name, cancellationToken);
            var parties = await runs.GetPartiesAsync(new RunName(run.Federation, run.Id), cancellationToken);
            var table = new ResultTable($"Parties in {run.Id} of {run.Federation}", "party", "may take part", "standing", ">counted", ">refused", ">bytes", ">last round");
            foreach (var party in parties)
            {
                table.Add(party.Name, party.MayTakePart ? "yes" : "no", party.Standing.ToString().ToLowerInvariant(), Text.Count(party.Counted), Text.Count(party.Refused), Text.Count(party.BytesUp), party.LastRound is { } round ? Text.Count(round) : "");
            }

            context.Write(new { run.Federation, run.Id, parties }, table);
            return ExitCode.Ok;
        });
    }

    private static Command Stop(Terminal terminal)
    {
        var command = new Command("stop", "Stops a run after its open round; what was trained is published, and put in use by the same rule as at any other end.");
        return Verb(terminal, command, async (context, runs, name, cancellationToken) =>
        {
            var run = await runs.GetAsync(name, cancellationToken);
            await runs.StopAsync(new RunName(run.Federation, run.Id), cancellationToken);
            context.Write(
                new { run.Federation, run.Id, stopAsked = true, run.RoundsDone },
                new ResultTable($"{run.Federation}: run {run.Id} stops after its open round", "run", ">rounds done", ">of").Add(
                    run.Id, run.RoundsDone.ToString(CultureInfo.InvariantCulture), run.RoundsPlanned.ToString(CultureInfo.InvariantCulture)));
            return ExitCode.Ok;
        });
    }

    private static Command Resume(Terminal terminal)
    {
        var command = new Command("resume", "Has an unfinished run go on; one that was stopped or has failed is followed by a run that begins with its version and does the rounds that were left, unless it was private.");
        return Verb(terminal, command, async (context, runs, name, cancellationToken) =>
        {
            Tell(context, await runs.ResumeAsync(name, cancellationToken));
            return ExitCode.Ok;
        });
    }

    /// <summary>A verb about one run.</summary>
    internal static Command Verb(Terminal terminal, Command command, Func<CommandContext, IRuns, RunName, CancellationToken, Task<int>> work)
    {
        var (id, federation, connection) = (Id(), CommonOptions.Federation(), new RunConnection());
        command.Add(id);
        command.WithOptions([new("Run", [federation]), connection.Group]);
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var name = RunName.Parse(context.Value(id), context.Value(federation));
            await using var runs = await connection.OpenAsync(context, cancellationToken);
            return await work(context, runs, name, cancellationToken);
        });
        return command;
    }

    private static void Tell(CommandContext context, Web.Api.RunStartedView started)
    {
        context.Write(started, new ResultTable(started.Message, "federation", "run", "outcome").Add(started.Federation, started.Run, started.Outcome.ToString().ToLowerInvariant()));
        context.Say($"'fedrec run watch {started.Federation}/{started.Run}' shows its rounds.");
    }
}
