using System.Collections.Immutable;
using FedRec.Core.Randomness;

namespace FedRec.Core.Federation;

/// <summary>Draws the cohort of a round.</summary>
public static class CohortSampler
{
    /// <summary>Draws without replacement; every set of that size is equally likely.</summary>
    /// <param name="clients">Clients of the federation, numbered from 0.</param>
    /// <param name="size">Clients wanted; 0, or more than there are, takes all of them in order.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="round">The round, from 1.</param>
    /// <returns>Client numbers in ascending order.</returns>
    /// <remarks>Floyd's algorithm (Bentley and Floyd 1987): cost follows the cohort, not the population.</remarks>
    public static ImmutableArray<int> Draw(int clients, int size, ulong seed, int round)
    {
        if (size <= 0 || size >= clients)
        {
            return [.. Enumerable.Range(0, clients)];
        }

        var random = SeedSequence.For(seed, "cohort", round);
        var chosen = new HashSet<int>(size);
        for (var last = clients - size; last < clients; last++)
        {
            var candidate = random.NextInt32(last + 1);
            chosen.Add(chosen.Contains(candidate) ? last : candidate);
        }

        return [.. chosen.Order()];
    }

    /// <summary>Draws without replacement from all but some clients; of the rest, every set of that size is equally likely.</summary>
    /// <param name="clients">Clients of the federation, numbered from 0.</param>
    /// <param name="size">Clients wanted; 0, or more than there are, takes all of them.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="round">The round, from 1.</param>
    /// <param name="excluded">Clients that are not drawn.</param>
    /// <returns>Client numbers in ascending order.</returns>
    public static ImmutableArray<int> Draw(int clients, int size, ulong seed, int round, IReadOnlyCollection<int> excluded)
    {
        if (excluded.Count == 0)
        {
            return Draw(clients, size, seed, round);
        }

        var wanted = size <= 0 ? clients : size;
        var drawn = Draw(clients, (int)Math.Min(clients, (long)wanted + excluded.Count), seed, round).Except(excluded).ToList();
        var random = SeedSequence.For(seed, "surplus", round);
        while (drawn.Count > wanted)
        {
            drawn.RemoveAt(random.NextInt32(drawn.Count));
        }

        return [.. drawn];
    }
}

/// <summary>Where each client of a round's cohort stands, so that none is counted twice.</summary>
internal sealed class CohortLedger
{
    private readonly RoundPlan _plan;
    private readonly Dictionary<int, int> _positions;
    private readonly ClientState[] _states;
    private readonly int[] _counts = new int[Enum.GetValues<ClientState>().Length]; // kept, as every answer asks for them

    /// <summary>All clients of the plan are outstanding.</summary>
    /// <exception cref="ArgumentException">A client is in the cohort twice.</exception>
    public CohortLedger(RoundPlan plan)
    {
        _plan = plan;
        _states = new ClientState[plan.Cohort.Length];
        _counts[(int)ClientState.Outstanding] = _states.Length;
        _positions = new Dictionary<int, int>(_states.Length);
        for (var i = 0; i < _states.Length; i++)
        {
            if (!_positions.TryAdd(plan.Cohort[i], i))
            {
                throw new ArgumentException($"Client {plan.Cohort[i]} is in the cohort twice.", nameof(plan));
            }
        }
    }

    /// <summary>Clients in one state.</summary>
    public int Count(ClientState state) => _counts[(int)state];

    /// <summary>Clients in one state, in the order of the cohort.</summary>
    public IEnumerable<int> Clients(ClientState state)
    {
        for (var i = 0; i < _states.Length; i++)
        {
            if (_states[i] == state)
            {
                yield return _plan.Cohort[i];
            }
        }
    }

    /// <summary>Whether an update of a client may still come.</summary>
    public bool Awaits(int client) =>
        _positions.TryGetValue(client, out var position) && _states[position] is ClientState.Outstanding or ClientState.Straggling;

    /// <summary>Whether a client's update is in the sum.</summary>
    public bool IsCounted(int client) => _positions.TryGetValue(client, out var position) && _states[position] == ClientState.Counted;

    /// <summary>Whether clients can be counted together: all were asked, and for this, none is counted yet, and each is there once.</summary>
    /// <param name="submission">Their updates.</param>
    /// <param name="isOwn">Whether the round made it itself, of updates that clients were asked for at different times.</param>
    public SubmissionOutcome Check(Submission submission, bool isOwn)
    {
        var seen = new HashSet<int>(submission.Clients.Count);
        foreach (var client in submission.Clients)
        {
            if (!_positions.TryGetValue(client, out var position))
            {
                return SubmissionOutcome.NotInvited;
            }

            if (_states[position] == ClientState.Counted)
            {
                return SubmissionOutcome.Duplicate;
            }

            if (!seen.Add(client))
            {
                return SubmissionOutcome.Malformed;
            }

            if (!isOwn && !_plan.Asked.IsEmpty && _plan.Asked[position] is var asked && (asked.Round != submission.Round || asked.BaseVersion != submission.BaseVersion))
            {
                return SubmissionOutcome.Stale;
            }
        }

        return SubmissionOutcome.Accepted;
    }

    /// <summary>Notes where a client of the cohort stands now.</summary>
    public void Set(int client, ClientState state)
    {
        ref var current = ref _states[_positions[client]];
        _counts[(int)current]--;
        _counts[(int)state]++;
        current = state;
    }
}
