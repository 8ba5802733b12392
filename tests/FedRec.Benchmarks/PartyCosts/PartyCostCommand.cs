using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace FedRec.Benchmarks.PartyCosts;

/// <summary><c>--parties</c>: what parties with a process of their own cost the coordinator, in processor time, memory, and time of others.</summary>
internal static class PartyCostCommand
{
    private const int Asked = 4_000; // requests of a turn
    private const int Turns = 3;
    private const int Lanes = 4;
    private const int Addresses = 8; // one alone may not ask as often as a turn does
    private const int Polls = 4_000; // whose times are taken, of each turn
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(20); // of a lane
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(30); // longer than a poll: each party has asked twice then
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(60);

    /// <summary>Measures and prints.</summary>
    public static async Task<int> RunAsync(int count)
    {
        using var server = await CoordinatorProcess.StartAsync();
        var wires = Enumerable.Range(1, Addresses).Select(i => new PartyWire(new IPAddress([127, 0, 1, (byte)i]), server.PartyPort)).ToArray();
        var first = await server.AddPartyAsync("party-0", wires[0]);
        await first.MeetAsync();
        for (var warm = 0; warm < 2; warm++)
        {
            await LanesAsync(Asked, _ => server.ProbeAsync());
        }

        await Task.Delay(s_settle);
        var (empty, emptyCpu) = (server.Megabytes, await ShareAsync(server));
        Tell($"the server without parties: {empty:F0} MB, {emptyCpu:P1} of a core");

        var parties = new List<PartyCaller> { first };
        while (parties.Count < count)
        {
            var party = await server.AddPartyAsync($"party-{parties.Count}", wires[parties.Count % Addresses]);
            await party.MeetAsync();
            parties.Add(party);
        }

        await LanesAsync(Asked, i => PollAsync(parties[i % count])); // warm
        var (polls, probes) = (new double[Turns], new double[Turns]);
        for (var turn = 0; turn < Turns; turn++)
        {
            polls[turn] = await CostAsync(server, i => PollAsync(parties[i % count]));
            probes[turn] = await CostAsync(server, _ => server.ProbeAsync());
        }

        var (poll, probe) = (Median(polls), Median(probes));
        Tell($"a poll that is answered at once: {poll:F3} ms of the server (at most 0.3); GET /health/live, without TLS: {probe:F3} ms; ratio {poll / probe:F1}");

        using (var stop = new CancellationTokenSource())
        {
            var waiting = parties.Select(party => WaitAsync(party, stop.Token)).ToArray();
            await Task.Delay(s_settle);
            var share = await ShareAsync(server);
            Tell($"{count} idle parties: {server.Megabytes - empty:F0} MB above the server without parties (at most 300 for 1,000), {share:P1} of a core (at most 10 %)");
            await stop.CancelAsync();
            await Task.WhenAll(waiting);
        }

        await TellHostileAsync(server, parties);
        Array.ForEach(wires, wire => wire.Dispose());
        return 0;
    }

    private static async Task TellHostileAsync(CoordinatorProcess server, List<PartyCaller> parties)
    {
        var before = await TimesAsync(parties);
        using var hostile = HostileParty.Start(await server.InviteAsync("hostile"), server.PartyPort);
        await server.ApproveAsync("hostile", await hostile.HearAsync());
        await hostile.TellAsync();
        await hostile.HearAsync();
        var cpu = (server.Cpu, Since: Stopwatch.GetTimestamp());
        var during = await TimesAsync(parties);
        var share = (server.Cpu - cpu.Cpu) / Stopwatch.GetElapsedTime(cpu.Since);
        await hostile.TellAsync();
        var answers = await hostile.HearAsync();
        var after = await TimesAsync(parties);
        var alone = Math.Max(At(before, .99), At(after, .99));
        Tell($"a poll of others, p50 / p99: {At(before, .5):F2} / {At(before, .99):F2} ms, with a hostile party {At(during, .5):F2} / {At(during, .99):F2}, without again {At(after, .5):F2} / {At(after, .99):F2}");
        Tell($"p99 with a hostile party / without: {At(during, .99) / alone:F2} (at most 2); it kept the server busy at {share:P0} of a core and was answered {answers}");
    }

    // Times of polls, in ms, sorted: at a pace, so that they are those of a server that has time.
    private static async Task<double[]> TimesAsync(List<PartyCaller> parties)
    {
        var times = new double[Polls];
        using var pace = new PeriodicTimer(s_pace);
        for (var i = 0; i < Polls; i += Lanes)
        {
            var batch = Enumerable.Range(i, Lanes).Select(n => (Number: n, Party: parties[n % parties.Count], Request: parties[n % parties.Count].Poll(0))).ToArray();
            await Task.WhenAll(batch.Select(async one =>
            {
                var began = Stopwatch.GetTimestamp();
                Check(await one.Party.SendAsync(one.Request));
                times[one.Number] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }));
            await pace.WaitForNextTickAsync();
        }

        return [.. times.Order()];
    }

    private static async Task WaitAsync(PartyCaller party, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                Check(await party.SendAsync(party.Poll(25), cancellationToken));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task<double> CostAsync(CoordinatorProcess server, Func<int, Task> ask)
    {
        var before = server.Cpu;
        await LanesAsync(Asked, ask);
        return (server.Cpu - before).TotalMilliseconds / Asked;
    }

    private static async Task<double> ShareAsync(CoordinatorProcess server)
    {
        var (before, since) = (server.Cpu, Stopwatch.GetTimestamp());
        await Task.Delay(s_idle);
        return (server.Cpu - before) / Stopwatch.GetElapsedTime(since);
    }

    private static Task LanesAsync(int requests, Func<int, Task> ask) => Task.WhenAll(Enumerable.Range(0, Lanes).Select(async lane =>
    {
        for (var i = lane; i < requests; i += Lanes)
        {
            await ask(i);
        }
    }));

    private static async Task PollAsync(PartyCaller party) => Check(await party.SendAsync(party.Poll(0)));

    private static void Check(HttpStatusCode answer) => _ = answer == HttpStatusCode.NoContent ? answer : throw new InvalidOperationException($"A poll was answered {(int)answer}.");

    private static double At(double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static void Tell(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
