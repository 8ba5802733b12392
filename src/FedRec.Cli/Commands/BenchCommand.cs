using System.CommandLine;
using System.Text.Json;
using FedRec.Cli.Runs;
using FedRec.Cli.Serving;
using FedRec.Core.Data;

namespace FedRec.Cli.Commands;

/// <summary><c>bench</c>: measures what FedRec does on this machine.</summary>
internal static class BenchCommand
{
    private const int MostListed = 1_000;

    public static Command Create(Terminal terminal) =>
        new Command("bench", "Measures what FedRec does on this machine.") { Serve(terminal) }
            .WithExamples("fedrec bench serve --data ml-1m/interactions.csv", "fedrec bench serve --url http://localhost:5080");

    private static Command Serve(Terminal terminal)
    {
        var url = TypedOptions.Text("--url", "A FedRec that is running, in place of one of the command's own: its address, such as http://localhost:5080.", "URL");
        var data = TypedOptions.Text("--data", "File with interactions: the clients of the command's own server keep them; with --url, users to ask for. Rows without times happened in their order.", "PATH");
        var federation = TypedOptions.Text("--federation", "With --url, the federation that is asked. Default: the one that trained last.", "NAME");
        var keyFile = TypedOptions.Text("--api-key-file", "With --url, file with its key. Default: the variable FEDREC_API_KEY.", "FILE");
        var learner = TypedOptions.Text("--learner", "Learner of the version that answers; not with --url. Default: ease.", "NAME");
        var parts = TypedOptions.Words("--parts", $"What is measured. Default: all; with --url, {ServeBench.Idle} and {ServeBench.Sustained}, since the others record clicks, train, and put versions in use.", ServeBench.Parts);
        var rate = TypedOptions.Number("--rate", "Requests a second, where they are sent at a rate.", 500, 1, 100_000);
        var seconds = TypedOptions.Number("--seconds", "Length of each part.", 20, 1, 3_600);
        var warmUp = TypedOptions.Number("--warm-up", "Seconds before each part that count for failures only.", 5, 0, 600);
        var connections = TypedOptions.Number("--connections", "Connections that are kept open.", 16, 1, 1_000);
        var count = TypedOptions.Number("--count", "Items of a list.", 10, 1, 1_000);
        var clicks = TypedOptions.Number("--clicks", $"Clicks of the part {ServeBench.Click}.", 500, 1, 100_000);
        var requests = TypedOptions.Number("--requests", $"Requests of the part {ServeBench.Promote}.", 10_000, 1, 1_000_000);
        var command = new Command("serve", "Measures how lists are answered over HTTP: in how long, how many, while a run trains, after a click, and when another version is put in use. Exit code 1 when a request failed.");
        command.WithOptions([new("What answers", [url, data, federation, keyFile, learner]), new("What is sent", [parts, rate, seconds, warmUp, connections, count, clicks, requests])]);
        command.WithExamples("fedrec bench serve --data ml-1m/interactions.csv           a server of its own, filled, trained and measured", "fedrec bench serve --url http://localhost:5080 --rate 200   one that is running; nothing changes there");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var load = new ServeLoad(context.Value(rate), TimeSpan.FromSeconds(context.Value(seconds)), TimeSpan.FromSeconds(context.Value(warmUp)), context.Value(connections), context.Value(clicks), context.Value(requests));
            var address = context.Value(url) is { } given ? Address(given) : null;
            Check(context, address, data, federation, keyFile, learner);
            var file = context.Value(data) is { } path ? await ReadAsync(context, path, cancellationToken) : null;
            string[] wanted = [.. context.Value(parts) is { Length: > 0 } some ? ServeBench.Parts.Where(some.Split(',').Contains) : address is null ? ServeBench.Parts : ServeBench.Parts.Take(2)];
            if (address is null)
            {
                await using var server = await BenchServer.StartAsync(context, cancellationToken);
                await server.FillAsync(file!, context.Value(learner) ?? "ease", cancellationToken);
                return await MeasureAsync(context, new ServeTarget(server.Address, BenchServer.Federation, Users(file!), context.Value(count), null), load, wanted, cancellationToken);
            }

            var key = RunConnection.Key(context, keyFile, address);
            var name = context.Value(federation) ?? await NewestAsync(address, key, cancellationToken);
            var users = file is not null ? Users(file) : ServeTarget.InAnyOrder(Listed(address, name, key));
            return await MeasureAsync(context, new ServeTarget(address, name, users, context.Value(count), key), load, wanted, cancellationToken);
        });
        return command;
    }

    private static async Task<int> MeasureAsync(CommandContext context, ServeTarget target, ServeLoad load, string[] wanted, CancellationToken cancellationToken)
    {
        var (bench, parts) = (new ServeBench(target, load, new LoadClock()), new List<ServePart>());
        context.Say($"Asking for each of {Output.Text.Count(target.Users.Count)} users once");
        var failed = await CommandContext.ReadAsync(bench.WakeUsers, cancellationToken);
        if (failed == target.Users.Count)
        {
            throw new CliException(ExitCode.Failed, $"{target.Server} answers no request for a list of {target.Federation}.", "Ask for one by hand to see why: curl, or 'fedrec recommend'.");
        }

        parts.Add(new ServePart("first", target.Users.Count, failed, null, null, []));
        foreach (var part in wanted)
        {
            context.Say($"Measuring: {part}");
            parts.Add(await bench.MeasureAsync(part, cancellationToken));
        }

        ServeReport.Write(context, target, load, parts);
        var all = parts.Sum(part => part.Failed);
        if (all == 0)
        {
            return ExitCode.Ok;
        }

        context.Terminal.Error.WriteLine($"error: {Output.Text.Count(all)} of {Output.Text.Count(parts.Sum(part => part.Requests))} requests failed.");
        return ExitCode.Failed;
    }

    private static void Check(CommandContext context, Uri? address, Option<string?> data, Option<string?> federation, Option<string?> keyFile, Option<string?> learner)
    {
        if (address is null && context.Value(data) is null)
        {
            throw new CliException(ExitCode.Usage, "'bench serve' needs interactions to fill a server with, or one that is running.", "Give --data PATH, or --url http://localhost:5080.");
        }

        if (address is null && new[] { federation, keyFile }.FirstOrDefault(context.IsGiven) is { } ofUrl)
        {
            throw new CliException(ExitCode.Usage, $"{ofUrl.Name} goes with --url.", "Leave it out, or give the address of the FedRec that is meant.");
        }

        if (address is not null && context.IsGiven(learner))
        {
            throw new CliException(ExitCode.Usage, "--learner does not go with --url: what is in use there answers.", "Leave one of them out.");
        }
    }

    private static Uri Address(string given) => Uri.TryCreate(given, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" } ? address
        : throw new CliException(ExitCode.Usage, $"--url {given} is no address of a FedRec.", "Write it as http://host:5080 or https://host/fedrec.");

    private static async Task<InteractionFile> ReadAsync(CommandContext context, string path, CancellationToken cancellationToken)
    {
        var full = RunRequests.ExistingPath(context, path);
        return await CommandContext.ReadAsync(() => InteractionFile.Read(full, new(), inOrder: true), cancellationToken);
    }

    private static IReadOnlyList<string> Users(InteractionFile file) => ServeTarget.InAnyOrder(file.Rows.Select(row => row.User).Distinct(StringComparer.Ordinal));

    private static async Task<string> NewestAsync(Uri address, string? key, CancellationToken cancellationToken)
    {
        await using var runs = new HttpRuns(address, key);
        return await runs.ListAsync(null, 1, cancellationToken) is [var newest, ..] ? newest.Federation
            : throw new CliException(ExitCode.Failed, $"Nothing has been trained at {address} yet.", "Train there first: 'fedrec run start'.");
    }

    // Of clients that keep their data, only they know who they are.
    private static string[] Listed(Uri address, string federation, string? key)
    {
        using var lane = new HttpLane(address);
        var request = HttpLane.Request(address, "GET", $"{address.AbsolutePath.TrimEnd('/')}/api/v1/users?federation={federation}&count={MostListed}", key);
        var users = lane.Send(request).IsGood ? JsonSerializer.Deserialize<string[]>(lane.Body) : null;
        return users is { Length: > 0 } ? users
            : throw new CliException(ExitCode.Failed, $"{address} tells no users of {federation}: clients that keep their data are known to themselves only.", "Give the interactions that they were filled with: --data PATH.");
    }
}
