using FedRec.Core.Data;

namespace FedRec.Core.Parties;

/// <summary>Where clients' data is: in a data set that the silo simulates all of them from, or with each of them.</summary>
public interface IPartyData
{
    /// <summary>What one client holds; asked only where the client's grain lives.</summary>
    /// <param name="client">Number of the client, from 0.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<PartyHoldings> OpenAsync(int client, CancellationToken cancellationToken);
}

/// <summary>What one client holds: its users' rows, split into what it trains on and what is held out. A view that holds nothing itself.</summary>
/// <param name="Data">Rows of a table, split; of a simulated client those of everybody, of all others those of the client alone.</param>
/// <param name="Users">The client's rows of it.</param>
public readonly record struct PartyHoldings(Dataset Data, ReadOnlyMemory<int> Users)
{
    /// <summary>What it may train on.</summary>
    public ClientData Train() => new(Data.Train, Users, Data.Items.Count);
}

/// <summary>Clients of a simulation: views of one data set that is in the silo's memory.</summary>
/// <param name="dataset">The rows of all of them.</param>
/// <param name="partition">Who holds whom.</param>
public sealed class SimulatedParties(Dataset dataset, ClientPartition partition) : IPartyData
{
    /// <summary>The rows of all clients.</summary>
    public Dataset Dataset => dataset;

    /// <summary>Who holds whom.</summary>
    public ClientPartition Partition => partition;

    /// <inheritdoc/>
    public ValueTask<PartyHoldings> OpenAsync(int client, CancellationToken cancellationToken) => ValueTask.FromResult(Holdings(client));

    /// <summary>What one client holds.</summary>
    public PartyHoldings Holdings(int client) => new(dataset, partition.UsersOf(client));
}
