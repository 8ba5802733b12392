using FedRec.Core.Aggregation;
using FedRec.Core.Updates;

namespace FedRec.Core.Federation;

/// <summary>Is shown what a server gets of its clients, for audits of what that tells.</summary>
public interface IServerView
{
    /// <summary>What a client sends: what the server sees of it where updates are not masked, and nobody but the client where they are.</summary>
    /// <param name="round">The round, from 1.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="layout">Of the update.</param>
    /// <param name="update">It; its values are overwritten by the next client's.</param>
    void Sent(int round, int client, UpdateLayout layout, ClientUpdate update)
    {
    }

    /// <summary>What the server sees of a client whose update is masked.</summary>
    /// <param name="round">The round, from 1.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="layout">Of the update; the words of <see cref="UpdateLayout.Report"/> follow.</param>
    /// <param name="words">Its masked words, little-endian.</param>
    void Masked(int round, int client, UpdateLayout layout, ReadOnlySpan<byte> words)
    {
    }

    /// <summary>What a closed round comes to, before noise is added to it.</summary>
    /// <param name="round">The round, from 1.</param>
    /// <param name="counted">Who is in it.</param>
    /// <param name="layout">Of the updates.</param>
    /// <param name="aggregate">What they come to.</param>
    void Closed(int round, IReadOnlyList<int> counted, UpdateLayout layout, IAggregate aggregate)
    {
    }
}
