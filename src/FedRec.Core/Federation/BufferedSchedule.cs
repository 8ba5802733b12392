using System.Collections.Immutable;
using FedRec.Core.Randomness;

namespace FedRec.Core.Federation;

/// <summary>A client of a round, and what it was asked.</summary>
/// <param name="Client">Its number.</param>
/// <param name="Round">The round that it was asked in: it trains from the model before that round.</param>
/// <param name="BaseVersion">As the plan of that round has it.</param>
/// <param name="Fate">What becomes of it in virtual time; <see cref="ClientState.Outstanding"/> for those that are counted if nothing real goes wrong.</param>
public readonly record struct AskedClient(int Client, int Round, long BaseVersion, ClientState Fate = ClientState.Outstanding);

/// <summary>Asynchronous training in virtual time: so many clients are always in training, whoever is done is replaced at once, and a round is what comes in until its
/// goal is met.</summary>
/// <remarks>A pure function of its arguments, one round after the other, so that a run that goes on after a crash goes through the same rounds; all times come from
/// <see cref="SimulatedFaults"/>. No client is asked twice in a round.</remarks>
/// <param name="clients">Clients that there are.</param>
/// <param name="cohort">Clients in training at once, and updates that make a round; both above 0.</param>
/// <param name="faults">How long clients take, and who drops out.</param>
/// <param name="maxStaleness">Most steps that an update may be behind.</param>
/// <param name="seed">Seed of the run.</param>
/// <param name="first">The first round, from 1.</param>
public sealed class BufferedSchedule(int clients, CohortOptions cohort, SimulatedFaults faults, int maxStaleness, ulong seed, int first)
{
    private readonly PriorityQueue<(AskedClient Asked, double Time), (double Time, long Number)> _inTraining = new();
    private readonly HashSet<int> _busy = [];
    private double _now;
    private long _asked;

    /// <summary>The round that is next.</summary>
    public int Round { get; private set; } = first;

    /// <summary>Rounds from whose models clients are training now, without repeats.</summary>
    public IEnumerable<int> InTraining => _inTraining.UnorderedItems.Select(one => one.Element.Asked.Round).Distinct();

    /// <summary>Goes through the next round.</summary>
    /// <param name="baseVersion">As its plan has it: those that are counted train for it now.</param>
    /// <returns>Whoever came in, in the order of their numbers, and the time that it took, in deadlines.</returns>
    public (ImmutableArray<AskedClient> Asked, double Time) Next(long baseVersion = 0)
    {
        var (began, counted, seen) = (_now, 0, new Dictionary<int, AskedClient>());
        var draws = SeedSequence.For(seed, "asynchronous", Round);
        Fill(draws, seen);
        while (counted < cohort.ReportGoal && _inTraining.TryDequeue(out var one, out _))
        {
            _now = one.Time;
            _busy.Remove(one.Asked.Client);
            var fate = one.Asked.Fate == ClientState.Outstanding && Round - one.Asked.Round > maxStaleness ? ClientState.Straggling : one.Asked.Fate;
            seen[one.Asked.Client] = one.Asked with { BaseVersion = baseVersion, Fate = fate };
            counted += fate == ClientState.Outstanding ? 1 : 0;
            Fill(draws, seen);
        }

        Round++;
        return ([.. seen.Values.OrderBy(asked => asked.Client)], _now - began);
    }

    private void Fill(SeededRandom draws, Dictionary<int, AskedClient> seen)
    {
        while (_inTraining.Count < cohort.Size && DrawIdle(draws, seen) is { } client)
        {
            var (fate, time) = faults.Draw(seed, Round, client);
            var asked = new AskedClient(client, Round, 0, fate == ClientState.Straggling ? ClientState.Outstanding : fate); // late for a deadline, which there is none of
            _busy.Add(client);
            _inTraining.Enqueue((asked, _now + time), (_now + time, _asked++));
        }
    }

    // Whoever came in during a round is not asked again before the next: it would train the same again.
    private int? DrawIdle(SeededRandom draws, Dictionary<int, AskedClient> seen)
    {
        if (clients > 2 * (_busy.Count + seen.Count))
        {
            while (true)
            {
                var client = draws.NextInt32(clients);
                if (!_busy.Contains(client) && !seen.ContainsKey(client))
                {
                    return client;
                }
            }
        }

        var idle = Enumerable.Range(0, clients).Where(client => !_busy.Contains(client) && !seen.ContainsKey(client)).ToArray();
        return idle.Length == 0 ? null : idle[draws.NextInt32(idle.Length)];
    }
}
