using FedRec.Core.Randomness;

namespace FedRec.Core.Federation;

/// <summary>Seeded misfortune for simulations: who drops out of a round and who comes too late.</summary>
/// <param name="Dropout">Chance to drop out, in [0, 1).</param>
/// <param name="Straggler">Chance to miss the deadline, in [0, 1); both together below 1.</param>
public sealed record SimulatedFaults(double Dropout, double Straggler)
{
    /// <summary>The fates of a cohort; equal arguments give equal fates, whatever the real order of events.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="plan">The round. Of the clients in time, those that come after the report goal is met are too late.</param>
    /// <returns>One per client of the cohort: <see cref="ClientState.Outstanding"/> for those that are counted if nothing real goes wrong.</returns>
    public ClientState[] Draw(ulong seed, RoundPlan plan)
    {
        var fates = new ClientState[plan.Cohort.Length];
        var arrivals = new List<(double Time, int Position)>(fates.Length);
        for (var i = 0; i < fates.Length; i++)
        {
            var random = SeedSequence.For(seed ^ 0x6661746573UL, plan.Number, plan.Cohort[i]); // apart from the client's training stream
            fates[i] = Fate(random.NextDouble());
            if (fates[i] == ClientState.Outstanding)
            {
                arrivals.Add((random.NextDouble(), i));
            }
        }

        if (arrivals.Count > plan.ReportGoal)
        {
            arrivals.Sort();
            foreach (var (_, position) in arrivals[plan.ReportGoal..])
            {
                fates[position] = ClientState.Straggling;
            }
        }

        return fates;
    }

    /// <summary>Reports the fates of a round's cohort: whoever drops out or comes too late need not be asked.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="round">A round that collects.</param>
    public void Apply(ulong seed, Round round)
    {
        var fates = Draw(seed, round.Plan);
        for (var i = 0; i < fates.Length; i++)
        {
            if (fates[i] != ClientState.Outstanding)
            {
                round.Report(round.Plan.Cohort[i], fates[i]);
            }
        }
    }

    private ClientState Fate(double draw) =>
        draw < Dropout ? ClientState.Dropped : draw < Dropout + Straggler ? ClientState.Straggling : ClientState.Outstanding;
}
