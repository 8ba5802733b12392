using FedRec.Core.Randomness;

namespace FedRec.Core.Federation;

/// <summary>Seeded misfortune for simulations: who drops out of a round, who comes too late, and how long all of them take.</summary>
/// <remarks>Virtual time is counted in deadlines. A client in time takes up to 1, each time as likely as another; a straggler takes 1 to 5; that one has dropped out is found at 1.</remarks>
/// <param name="Dropout">Chance to drop out, in [0, 1).</param>
/// <param name="Straggler">Chance to miss the deadline, in [0, 1); both together below 1.</param>
public sealed record SimulatedFaults(double Dropout, double Straggler)
{
    private const double SlowestStraggler = 5;

    /// <summary>What becomes of a client that is asked, and when it is known; apart from the client's training stream.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="round">The round that it is asked in.</param>
    /// <param name="client">Its number.</param>
    /// <returns><see cref="ClientState.Outstanding"/> for one in time, and deadlines from asking to its answer.</returns>
    public (ClientState Fate, double Time) Draw(ulong seed, int round, int client)
    {
        var random = SeedSequence.For(seed ^ 0x6661746573UL, round, client);
        var fate = Fate(random.NextDouble());
        return (fate, fate switch
        {
            ClientState.Outstanding => random.NextDouble(),
            ClientState.Straggling => 1 + ((SlowestStraggler - 1) * random.NextDouble()),
            _ => 1,
        });
    }

    /// <summary>The fates of a cohort that is asked at once and waited for; equal arguments give equal fates, whatever the real order of events.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="plan">The round. Of the clients in time, those that come after the report goal is met are too late.</param>
    /// <returns>A fate per client of the cohort, <see cref="ClientState.Outstanding"/> for those that are counted if nothing real goes wrong; and when the round closes, in deadlines.</returns>
    public (ClientState[] Fates, double Time) Draw(ulong seed, RoundPlan plan)
    {
        var fates = new ClientState[plan.Cohort.Length];
        var arrivals = new List<(double Time, int Position)>(fates.Length);
        for (var i = 0; i < fates.Length; i++)
        {
            (fates[i], var time) = Draw(seed, plan.Number, plan.Cohort[i]);
            if (fates[i] == ClientState.Outstanding)
            {
                arrivals.Add((time, i));
            }
        }

        if (arrivals.Count < plan.ReportGoal)
        {
            return (fates, 1);
        }

        arrivals.Sort();
        foreach (var (_, position) in arrivals[plan.ReportGoal..])
        {
            fates[position] = ClientState.Straggling;
        }

        return (fates, arrivals[plan.ReportGoal - 1].Time);
    }

    /// <summary>Reports the fates of a round's cohort: whoever drops out or comes too late need not be asked.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="round">A round that collects. Where its plan has fates, those; they are drawn otherwise.</param>
    /// <returns>When it closes, in deadlines; null where its plan does not say.</returns>
    public double? Apply(ulong seed, Round round)
    {
        var plan = round.Plan;
        var (fates, time) = plan.Rules is not BufferedRules ? Draw(seed, plan) : (plan.Asked.Select(asked => asked.Fate).ToArray(), default(double?));
        for (var i = 0; i < fates.Length; i++)
        {
            if (fates[i] != ClientState.Outstanding)
            {
                round.Report(plan.Cohort[i], fates[i]);
            }
        }

        return time;
    }

    private ClientState Fate(double draw) =>
        draw < Dropout ? ClientState.Dropped : draw < Dropout + Straggler ? ClientState.Straggling : ClientState.Outstanding;
}
