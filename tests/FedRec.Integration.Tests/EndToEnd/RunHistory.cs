using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>What one look from outside has shown of a federation with one run.</summary>
/// <param name="At">Since the first look.</param>
/// <param name="Phase">Of the run.</param>
/// <param name="Rounds">Updates counted in each closed round that the run lists, in its order: the round's number and the count.</param>
/// <param name="Versions">The versions that there are, with their hashes, in the order of the list.</param>
/// <param name="Serving">The version in use; 0 for none.</param>
internal sealed record Look(TimeSpan At, string Phase, ImmutableArray<(int Round, int Counted)> Rounds, ImmutableArray<(long Version, string Sha256)> Versions, long Serving)
{
    /// <summary>Why the run has ended; null while it goes on.</summary>
    public string? Reason { get; init; }

    public int RoundsDone => Rounds.Length;
}

/// <summary>Looks at a run again and again while faults are put in, as clients would, and checks what it saw. A look that is not answered is none.</summary>
internal sealed class RunHistory(HttpClient web, string federation)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(6); // far more than any recovery takes: what is measured are the looks
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5); // then another look is taken, as a client would
    private readonly long _since = Stopwatch.GetTimestamp();
    private readonly List<Look> _looks = [];

    public IReadOnlyList<Look> Looks => _looks;

    /// <summary>Looks until one satisfies; each wait has a limit.</summary>
    public async Task<Look> UntilAsync(Predicate<Look> isThere, HttpClient? at = null)
    {
        using var limit = new CancellationTokenSource(s_limit);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!limit.IsCancellationRequested && await again.WaitForNextTickAsync(CancellationToken.None))
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            patience.CancelAfter(s_patience);
            if (await LookAsync(at ?? web, patience.Token) is { } look)
            {
                if (isThere(look))
                {
                    return look;
                }

                Assert.True(look.Phase != "Failed", $"{federation} has failed after {look.RoundsDone} rounds: {look.Reason}");
            }
        }

        throw new TimeoutException($"{federation} did not get there in {s_limit}; the last look: {(_looks.Count == 0 ? "none" : _looks[^1])}");
    }

    public Task<Look> EndAsync(HttpClient? at = null) => UntilAsync(look => look.Phase is not ("Running" or "Pending" or "Loading"), at);

    /// <summary>The longest time without another round, from the first to the last.</summary>
    public static TimeSpan LongestGap(IReadOnlyList<Look> looks)
    {
        var (longest, last) = (TimeSpan.Zero, looks[0]);
        foreach (var look in looks.Where(look => look.RoundsDone > 0))
        {
            if (look.RoundsDone > last.RoundsDone)
            {
                longest = look.At - last.At > longest ? look.At - last.At : longest;
                last = look;
            }
        }

        return longest;
    }

    private async Task<Look?> LookAsync(HttpClient from, CancellationToken cancellationToken)
    {
        try
        {
            var run = await from.GetFromJsonAsync<JsonElement>($"api/v1/runs/run-1?federation={federation}", cancellationToken);
            var rounds = await from.GetFromJsonAsync<JsonElement>($"api/v1/runs/run-1/rounds?federation={federation}", cancellationToken);
            var models = await from.GetFromJsonAsync<JsonElement>($"api/v1/models?federation={federation}", cancellationToken);
            var look = new Look(Stopwatch.GetElapsedTime(_since), run.GetProperty("phase").GetString()!,
                [.. rounds.EnumerateArray().Select(round => (round.GetProperty("round").GetInt32(), round.GetProperty("participants").GetInt32()))],
                [.. models.GetProperty("versions").EnumerateArray().Select(one => (one.GetProperty("version").GetInt64(), one.GetProperty("sha256").GetString()!)).Reverse()],
                models.GetProperty("serving").GetInt64())
            {
                Reason = run.GetProperty("reason").GetString(),
            };
            _looks.Add(look);
            return look;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException)
        {
            return null; // the silo that was asked may be the one that was killed
        }
    }
}

/// <summary>What must hold in every history, whatever was killed, stopped or away.</summary>
internal static class HistoryChecker
{
    /// <summary>Everything that is wrong with a history, in words; nothing where it is right.</summary>
    /// <param name="looks">In the order of time.</param>
    /// <param name="undisturbed">Updates counted in each round where nothing was disturbed.</param>
    public static IEnumerable<string> Violations(IReadOnlyList<Look> looks, IReadOnlyList<(int Round, int Counted)> undisturbed)
    {
        var known = new Dictionary<long, string>();
        var (latest, ended) = (0L, default(string));
        foreach (var look in looks)
        {
            // Versions are linear: numbered from 1 without gaps or repeats, never taken back, and each stays what it was.
            if (!look.Versions.Select(one => one.Version).SequenceEqual(Enumerable.Range(1, look.Versions.Length).Select(i => (long)i)))
            {
                yield return $"{look.At}: versions are {string.Join(", ", look.Versions.Select(one => one.Version))}";
            }

            if (look.Versions.Length < latest)
            {
                yield return $"{look.At}: version {latest} is gone";
            }

            latest = Math.Max(latest, look.Versions.Length);
            foreach (var (version, sha256) in look.Versions.Where(one => !known.TryAdd(one.Version, one.Sha256) && known[one.Version] != one.Sha256))
            {
                yield return $"{look.At}: version {version} was {known[version]} and is {sha256}";
            }

            if (look.Serving > look.Versions.Length || (look.Serving == 0 && latest > 0))
            {
                yield return $"{look.At}: version {look.Serving} is in use of {look.Versions.Length}";
            }

            // Each update is in one round's sum, once: a round that is done again counts the same.
            foreach (var (own, other) in look.Rounds.Zip(undisturbed).Where(pair => pair.First != pair.Second))
            {
                yield return $"{look.At}: round {own.Round} has counted {own.Counted}, undisturbed round {other.Round} {other.Counted}";
            }

            if (look.RoundsDone > undisturbed.Count)
            {
                yield return $"{look.At}: {look.RoundsDone} rounds of {undisturbed.Count}";
            }

            // An end is an end.
            if (ended is not null && ended != look.Phase)
            {
                yield return $"{look.At}: a run that had ended ({ended}) is {look.Phase}";
            }

            ended ??= look.Phase is "Completed" or "Stopped" or "Failed" ? look.Phase : null;
        }
    }
}
