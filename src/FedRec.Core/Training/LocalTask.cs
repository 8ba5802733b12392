using FedRec.Core.Data;

namespace FedRec.Core.Training;

/// <summary>What one client brings to its training in one round.</summary>
/// <param name="Data">Its training data.</param>
/// <param name="Random">Draws of this client and round, from <see cref="SeedSequence"/>; copy it to a variable before drawing.</param>
/// <param name="State">What the client has kept from its last round, such as control variates; empty before its first round, and for
/// learners that keep nothing.</param>
/// <param name="Counted">The data as it is in the base model's statistics already, where that differs from <paramref name="Data"/>; null
/// where it does not. Only for learners that add up exact statistics.</param>
public readonly record struct LocalTask(ClientData Data, SeededRandom Random, ReadOnlyMemory<byte> State = default, ClientData? Counted = null);
