using System.Text.Json;
using FedRec.Cli.Runs;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Serving;

/// <summary>Measures from outside how a server answers, part by part.</summary>
/// <param name="target">The server.</param>
/// <param name="load">How much is sent to it.</param>
/// <param name="clock">The time.</param>
internal sealed class ServeBench(ServeTarget target, ServeLoad load, ILoadClock clock)
{
    public const string Idle = "idle";
    public const string Sustained = "sustained";
    public const string Click = "click";
    public const string Training = "training";
    public const string Promote = "promote";
    private const int Promotions = 4; // an even number: the version that was in use is in use again
    private const int ManyRounds = 100_000; // more than it is left time for
    private static readonly TimeSpan s_clickLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    /// <summary>All parts in the order in which they are measured: the first two change nothing; training leaves a version that the last one needs.</summary>
    public static IReadOnlyList<string> Parts { get; } = [Idle, Sustained, Click, Training, Promote];

    /// <summary>Asks for each user once, so that what a server keeps in memory is there.</summary>
    /// <returns>Requests that failed.</returns>
    public int WakeUsers()
    {
        using var lanes = target.Open(load.Connections);
        return LoadSummary.Of(LoadGenerator.AtRate(clock, double.MaxValue, target.Users.Count, lanes.All)).Failed;
    }

    /// <summary>Measures one part.</summary>
    /// <exception cref="CliException">The server refuses what the part needs.</exception>
    public Task<ServePart> MeasureAsync(string part, CancellationToken cancellationToken) => part switch
    {
        Idle => Task.Run(() => AtRate(Idle, ("p50", 0.5, 1), ("p99", 0.99, 10)), cancellationToken).WaitAsync(cancellationToken),
        Sustained => Task.Run(MeasureSustained, cancellationToken).WaitAsync(cancellationToken),
        Click => Task.Run(MeasureClicks, cancellationToken).WaitAsync(cancellationToken),
        Training => MeasureTrainingAsync(cancellationToken),
        _ => Task.Run(MeasurePromotions, cancellationToken).WaitAsync(cancellationToken),
    };

    private ServePart AtRate(string name, params (string Words, double Share, double? Goal)[] lines)
    {
        using var lanes = target.Open(load.Connections);
        var warmUp = LoadSummary.Of(LoadGenerator.AtRate(clock, load.Rate, (int)(load.Rate * load.WarmUp.TotalSeconds), lanes.All));
        var counted = LoadSummary.Of(LoadGenerator.AtRate(clock, load.Rate, Math.Max(1, (int)(load.Rate * load.Length.TotalSeconds)), lanes.All));
        return new ServePart(name, warmUp.Requests + counted.Requests, warmUp.Failed + counted.Failed, counted.LateToSend?.TotalMilliseconds, null,
            [.. lines.Select(line => Time(name, line.Words, counted.Times, line.Share, line.Goal)), Time(name, "largest", counted.Times, 1)]);
    }

    private ServePart MeasureSustained()
    {
        using var lanes = target.Open(load.Connections);
        var warmUp = LoadSummary.Of(LoadGenerator.Sustained(clock, load.WarmUp, lanes.All));
        var counted = LoadSummary.Of(LoadGenerator.Sustained(clock, load.Length, lanes.All));
        return new ServePart(Sustained, warmUp.Requests + counted.Requests, warmUp.Failed + counted.Failed, null, null,
            [new ServeLine(Sustained, "sustained", counted.PerSecond, "1/s", 4_000), Time(Sustained, "p99", counted.Times, 0.99)]);
    }

    // One after the other, each of another user: the best item of the list is met, and the list is asked for until it is another one.
    private ServePart MeasureClicks()
    {
        using var lane = new HttpLane(target.Server);
        var (times, requests, failed) = (new List<TimeSpan>(), 0, 0);
        foreach (var user in target.Users.Take(load.Clicks))
        {
            var list = target.List(user);
            requests++;
            if (!lane.Send(list).IsGood || FirstItem(lane.Body) is not { } item)
            {
                failed++;
                continue;
            }

            var (before, click, start) = (lane.Body.ToArray(), target.Click(user, item), clock.Now);
            var reply = lane.Send(click);
            bool changed;
            for (changed = false, requests++; reply.IsGood && !changed && clock.Now - start < s_clickLimit; requests++)
            {
                reply = lane.Send(list);
                changed = reply.IsGood && !lane.Body.SequenceEqual(before);
            }

            if (changed)
            {
                times.Add(clock.Now - start);
            }
            else
            {
                failed++;
            }
        }

        var sample = new LatencySample(times);
        return new ServePart(Click, requests, failed, null, $"{times.Count} clicks, each of another user",
            [Time(Click, "until the list has changed, p50", sample, 0.5), Time(Click, "p99", sample, 0.99, 50)]);
    }

    private async Task<ServePart> MeasureTrainingAsync(CancellationToken cancellationToken)
    {
        await using var runs = new HttpRuns(target.Server, target.Key);
        var started = await runs.StartAsync(new RunRequest { Federation = target.Federation, Learner = "mf", Rounds = new() { Count = ManyRounds }, Promote = PromotionPolicy.Never }, cancellationToken);
        var name = new RunName(started.Federation, started.Run);
        try
        {
            var before = await UntilAsync(runs, name, run => run.RoundsDone > 0 || !run.Active, cancellationToken);
            var part = await Task.Run(() => AtRate(Training, ("p50", 0.5, null), ("p99", 0.99, 30)), cancellationToken).WaitAsync(cancellationToken);
            var after = await runs.GetAsync(name, cancellationToken);
            return after.Active ? part with { Note = $"{after.RoundsDone - before.RoundsDone} rounds of mf were trained meanwhile" }
                : throw new CliException(ExitCode.Failed, $"Run {name.Id} ended while it was measured: {after.Reason ?? after.Summary}", "Nothing was measured while a run trains; 'fedrec run list' tells more.");
        }
        finally
        {
            if ((await runs.GetAsync(name, CancellationToken.None)).Active)
            {
                await runs.StopAsync(name, CancellationToken.None);
                await UntilAsync(runs, name, run => !run.Active, cancellationToken);
            }
        }
    }

    private static async Task<Web.Api.RunView> UntilAsync(HttpRuns runs, RunName name, Func<Web.Api.RunView, bool> isSo, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await runs.GetAsync(name, cancellationToken) is var run && isSo(run))
            {
                return run;
            }

            await Task.Delay(s_look, cancellationToken);
        }
    }

    // Puts another version in use and the first one again, while lists are asked for at the rate.
    private ServePart MeasurePromotions()
    {
        var (first, other) = TwoVersions();
        using var lane = new HttpLane(target.Server);
        using var lanes = target.Open(load.Connections);
        var warmUp = LoadSummary.Of(LoadGenerator.AtRate(clock, load.Rate, (int)(load.Rate * load.WarmUp.TotalSeconds), lanes.All));
        var asking = Task.Factory.StartNew(() => LoadGenerator.AtRate(clock, load.Rate, load.Requests, lanes.All), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var (start, length, failed) = (clock.Now, TimeSpan.FromSeconds(load.Requests / load.Rate), 0);
        var promoted = new (TimeSpan At, long Old)[Promotions];
        for (var i = 0; i < Promotions; i++)
        {
            clock.WaitUntil(start + (length * (i + 1) / (Promotions + 1)));
            var (old, next) = i % 2 == 0 ? (first, other) : (other, first);
            promoted[i] = (clock.Now, old);
            failed += lane.Send(target.Promote(next)).IsGood ? 0 : 1;
        }

        var lines = asking.GetAwaiter().GetResult();
        var served = new LatencySample(promoted.Select((promotion, i) => UntilServed(lines, promotion.At, i + 1 < Promotions ? promoted[i + 1].At : TimeSpan.MaxValue, promotion.Old)));
        var counted = LoadSummary.Of(lines);
        return new ServePart(Promote, warmUp.Requests + counted.Requests + Promotions, warmUp.Failed + counted.Failed + failed, counted.LateToSend?.TotalMilliseconds,
            $"version {other} and version {first} put in use in turn, {Promotions} times", [Time(Promote, "until every answer has the version, slowest", served, 1, 1_000), Time(Promote, "p99", counted.Times, 0.99)]);
    }

    /// <summary>Time from when a version was put in use until the last answer of the version before had come.</summary>
    /// <param name="lines">What was asked meanwhile.</param>
    /// <param name="from">When it was asked to be put in use.</param>
    /// <param name="to">When the next was.</param>
    /// <param name="old">The version before.</param>
    internal static TimeSpan UntilServed(IEnumerable<LoadLine> lines, TimeSpan from, TimeSpan to, long old) =>
        lines.Where(line => line.Reply.Version == old && line.Arrived > from && line.Arrived < to).Select(line => line.Arrived - from).DefaultIfEmpty(TimeSpan.Zero).Max();

    private (long InUse, long Other) TwoVersions()
    {
        using var lane = new HttpLane(target.Server);
        var models = lane.Send(target.Models()).IsGood ? JsonDocument.Parse(lane.Body.ToArray()).RootElement : throw new CliException(ExitCode.Failed, $"{target.Server} does not list the versions of {target.Federation}.");
        var inUse = models.GetProperty("serving").GetInt64();
        var others = models.GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("version").GetInt64()).Where(version => version != inUse).ToList();
        return others.Count > 0 ? (inUse, others[0])
            : throw new CliException(ExitCode.Failed, $"{target.Federation} has one version only, and '{Promote}' puts two in use in turn.", "Train once more, measure 'training' too, which leaves a version, or leave the part out (--parts).");
    }

    private static string? FirstItem(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        var root = JsonElement.ParseValue(ref reader);
        return root.GetProperty("items").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first ? first.GetProperty("item").GetString() : null;
    }

    private static ServeLine Time(string part, string words, LatencySample times, double share, double? goal = null) =>
        new(part, $"{part}: {words}", times.Percentile(share)?.TotalMilliseconds, "ms", goal);
}
