using FedRec.Core.Training;

namespace FedRec.Core.Federation;

/// <summary>Seeded misfortune for simulations: who drops out of a round and who misses its deadline.</summary>
/// <param name="Dropout">Chance to drop out, in [0, 1).</param>
/// <param name="Straggler">Chance to be late, in [0, 1); both together below 1.</param>
public sealed record SimulatedFaults(double Dropout, double Straggler)
{
    /// <summary>The fate of one client in one round; equal arguments give the same fate.</summary>
    /// <returns><see cref="ClientState.Outstanding"/> for a client that answers in time.</returns>
    public ClientState Fate(ulong seed, int round, int client)
    {
        if (Dropout <= 0 && Straggler <= 0)
        {
            return ClientState.Outstanding;
        }

        var random = SeedSequence.For(seed ^ 0x6661746573UL, round, client); // apart from the training stream of the same client
        var draw = random.NextDouble();
        return draw < Dropout ? ClientState.Dropped
            : draw < Dropout + Straggler ? ClientState.Straggling
            : ClientState.Outstanding;
    }
}
