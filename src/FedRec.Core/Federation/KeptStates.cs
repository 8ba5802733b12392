namespace FedRec.Core.Federation;

/// <summary>What a client keeps from round to round: the state that the federation counts on, and the one that goes with its last update.</summary>
/// <remarks>A client adopts a state only for a round that has counted its update; so what clients keep adds up to what the server has counted,
/// whoever was late, refused or rejected, and whatever crashed. Karimireddy et al. 2020, arXiv:1910.06378, where c is the mean of all cᵢ.</remarks>
/// <param name="Round">The last round the client has trained for.</param>
/// <param name="Adopted">Its state before that round.</param>
/// <param name="Proposed">Its state if that round counts it.</param>
public sealed record KeptStates(int Round, ReadOnlyMemory<byte> Adopted, ReadOnlyMemory<byte> Proposed)
{
    /// <summary>Before a client's first round.</summary>
    public static KeptStates None { get; } = new(0, default, default);

    /// <summary>The round whose outcome decides what the client trains with in another round; 0 when none does.</summary>
    /// <remarks>When an earlier round, or the same, is to be trained again, the last one was undone by a crash, and nothing of it is counted.</remarks>
    /// <param name="round">The round to train for.</param>
    public int Undecided(int round) => Round < round ? Round : 0;

    /// <summary>The state to train with; nothing in a run's first round, also when the run is repeated from its beginning.</summary>
    /// <param name="round">The round to train for.</param>
    /// <param name="counted">Whether the round that <see cref="Undecided"/> names has counted the client.</param>
    public ReadOnlyMemory<byte> For(int round, bool counted) => round == 1 ? default : counted && Round < round ? Proposed : Adopted;
}
