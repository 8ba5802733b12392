namespace FedRec.Core.Federation;

/// <summary>Where each client of a round's cohort stands, so that none is counted twice.</summary>
internal sealed class CohortLedger
{
    private readonly RoundPlan _plan;
    private readonly Dictionary<int, int> _positions;
    private readonly ClientState[] _states;

    /// <summary>All clients of the plan are outstanding.</summary>
    /// <exception cref="ArgumentException">A client is in the cohort twice.</exception>
    public CohortLedger(RoundPlan plan)
    {
        _plan = plan;
        _states = new ClientState[plan.Cohort.Length];
        Outstanding = _states.Length;
        _positions = new Dictionary<int, int>(_states.Length);
        for (var i = 0; i < _states.Length; i++)
        {
            if (!_positions.TryAdd(plan.Cohort[i], i))
            {
                throw new ArgumentException($"Client {plan.Cohort[i]} is in the cohort twice.", nameof(plan));
            }
        }
    }

    /// <summary>Clients without an answer; kept, as every answer asks for it.</summary>
    public int Outstanding { get; private set; }

    /// <summary>Clients in one state.</summary>
    public int Count(ClientState state) => _states.AsSpan().Count(state);

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

    /// <summary>Whether clients can be counted together: all were asked, none is counted yet, and each is there once.</summary>
    public SubmissionOutcome Check(IReadOnlyList<int> clients)
    {
        var seen = new HashSet<int>(clients.Count);
        foreach (var client in clients)
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
        }

        return SubmissionOutcome.Accepted;
    }

    /// <summary>Notes where a client of the cohort stands now.</summary>
    public void Set(int client, ClientState state)
    {
        ref var current = ref _states[_positions[client]];
        Outstanding -= current == ClientState.Outstanding ? 1 : 0;
        current = state;
    }
}
