namespace FedRec.Cli.Serving;

/// <summary>Sends requests over some lanes (connections), each of which waits for one answer at a time.</summary>
internal static class LoadGenerator
{
    /// <summary>Sends requests at a fixed rate, whatever becomes of them: the i-th is due i / rate after the start.</summary>
    /// <remarks>A time is counted from when the request was due, not from when a lane was free to send it: a server that stands still for a second has kept all waiting that
    /// were due in it. Counting from the sending would leave out these (coordinated omission; Tene, "How NOT to measure latency").</remarks>
    /// <param name="clock">The time.</param>
    /// <param name="rate">Requests a second, above 0.</param>
    /// <param name="count">Requests.</param>
    /// <param name="lanes">Each sends the i-th request and returns its answer; on one lane in order.</param>
    /// <returns>One line for each request, in the order in which they were due.</returns>
    public static LoadLine[] AtRate(ILoadClock clock, double rate, int count, IReadOnlyList<Func<int, Reply>> lanes)
    {
        var (lines, next, start) = (new LoadLine[count], -1, clock.Now);
        OnLanes(lanes, send =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < count;)
            {
                var due = start + TimeSpan.FromSeconds(i / rate);
                clock.WaitUntil(due);
                var sent = clock.Now;
                lines[i] = new LoadLine(due, sent, send(i), clock.Now);
            }
        });
        return lines;
    }

    /// <summary>Sends the next request as soon as the answer to the last is there: as many as the server takes.</summary>
    /// <param name="clock">The time.</param>
    /// <param name="length">No request is sent after it.</param>
    /// <param name="lanes">As in <see cref="AtRate"/>.</param>
    /// <returns>One line for each request, due when it was sent.</returns>
    public static LoadLine[] Sustained(ILoadClock clock, TimeSpan length, IReadOnlyList<Func<int, Reply>> lanes)
    {
        var (all, next, end) = (new List<LoadLine>(), -1, clock.Now + length);
        OnLanes(lanes, send =>
        {
            var own = new List<LoadLine>();
            for (var sent = clock.Now; sent < end; sent = clock.Now)
            {
                own.Add(new LoadLine(sent, sent, send(Interlocked.Increment(ref next)), clock.Now));
            }

            lock (all)
            {
                all.AddRange(own);
            }
        });
        return [.. all];
    }

    // A lane has a thread of its own, and waits in the system: a pool of threads would add its own delays to those of the server.
    private static void OnLanes(IReadOnlyList<Func<int, Reply>> lanes, Action<Func<int, Reply>> work)
    {
        Exception? failure = null;
        var threads = lanes.Skip(1).Select(lane => new Thread(() => Guarded(lane)) { IsBackground = true }).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Guarded(lanes[0]);
        Array.ForEach(threads, thread => thread.Join());
        if (failure is not null)
        {
            throw new InvalidOperationException("A lane of the load has failed.", failure);
        }

        void Guarded(Func<int, Reply> lane)
        {
            try
            {
                work(lane);
            }
#pragma warning disable CA1031 // thrown again where the lanes have ended
            catch (Exception e)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, e, null);
            }
        }
    }
}

/// <summary>One request of a load.</summary>
/// <param name="Due">When it was to be sent.</param>
/// <param name="Sent">When it was.</param>
/// <param name="Reply">What came.</param>
/// <param name="Arrived">When all of it was there.</param>
internal readonly record struct LoadLine(TimeSpan Due, TimeSpan Sent, Reply Reply, TimeSpan Arrived);

/// <summary>An answer, as far as a load looks at it.</summary>
/// <param name="Status">Its HTTP status; 0 where none came.</param>
/// <param name="Version">The model version that it names; 0 for none.</param>
internal readonly record struct Reply(int Status, long Version)
{
    /// <summary>Whether it is what was asked for.</summary>
    public bool IsGood => Status is >= 200 and < 300;
}

/// <summary>What a load says of itself.</summary>
internal sealed record LoadSummary(int Requests, int Failed, LatencySample Times, TimeSpan? LateToSend, double PerSecond)
{
    public static LoadSummary Of(IReadOnlyList<LoadLine> lines)
    {
        var good = lines.Where(line => line.Reply.IsGood).ToList();
        var length = lines.Count == 0 ? TimeSpan.Zero : lines.Max(line => line.Arrived) - lines.Min(line => line.Due);
        return new LoadSummary(
            lines.Count, lines.Count - good.Count, new LatencySample(good.Select(line => line.Arrived - line.Due)),
            new LatencySample(lines.Select(line => line.Sent - line.Due)).Percentile(0.99), length > TimeSpan.Zero ? good.Count / length.TotalSeconds : 0);
    }
}
