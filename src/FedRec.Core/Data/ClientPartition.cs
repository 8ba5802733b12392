using FedRec.Core.Data.Partitions;
using FedRec.Core.Randomness;

namespace FedRec.Core.Data;

/// <summary>Which client holds which users. Immutable; 16 bytes per user, and nothing per client but its bounds.</summary>
public sealed class ClientPartition
{
    private readonly Dataset _dataset;
    private readonly int[] _users;
    private readonly int[] _offsets;
    private readonly (int Client, int Index)[] _places;

    private ClientPartition(Dataset dataset, int[] users, int[] offsets)
    {
        (_dataset, _users, _offsets) = (dataset, users, offsets);
        _places = new (int, int)[users.Length];
        for (var client = 0; client < Count; client++)
        {
            for (var i = offsets[client]; i < offsets[client + 1]; i++)
            {
                _places[users[i]] = (client, i - offsets[client]);
            }
        }
    }

    /// <summary>The clients' names, for clients that the data names; null for others.</summary>
    public IReadOnlyList<string>? Names { get; private set; }

    /// <summary>Number of clients.</summary>
    public int Count => _offsets.Length - 1;

    /// <summary>One client per user: devices. Client u holds user u.</summary>
    public static ClientPartition PerUser(Dataset dataset)
    {
        var users = Enumerable.Range(0, dataset.Users.Count).ToArray();
        return new ClientPartition(dataset, users, [.. users, users.Length]);
    }

    /// <summary>Deals the users to many-user clients: organisations. Their sizes differ by at most one.</summary>
    /// <param name="dataset">The users to deal.</param>
    /// <param name="parties">Number of clients, from 1 to the number of users.</param>
    /// <param name="seed">Equal seeds deal equally.</param>
    /// <exception cref="ArgumentException">There are fewer users than parties, or no party.</exception>
    public static ClientPartition Dealt(Dataset dataset, int parties, ulong seed)
    {
        ThrowUnlessDealable(parties, dataset.Users.Count, "users");
        var users = Enumerable.Range(0, dataset.Users.Count).ToArray();
        var random = SeedSequence.For(seed, "deal-parties");
        random.Shuffle(users.AsSpan());
        var offsets = new int[parties + 1];
        for (var party = 0; party < parties; party++)
        {
            offsets[party + 1] = (int)((long)users.Length * (party + 1) / parties);
            users.AsSpan(offsets[party]..offsets[party + 1]).Sort();
        }

        return new ClientPartition(dataset, users, offsets);
    }

    /// <summary>One client for each party of the data.</summary>
    /// <exception cref="ArgumentException">The data names no parties.</exception>
    public static ClientPartition ByParty(Dataset dataset)
    {
        var parties = dataset.Parties ?? throw new ArgumentException($"The data {dataset.Name} names no parties.", nameof(dataset));
        return Of(dataset, parties.Names.Count, parties.Of).Named(parties.Names);
    }

    /// <summary>Puts the parties of the data together into fewer clients; none is cut.</summary>
    /// <param name="dataset">Names its parties.</param>
    /// <param name="count">Number of clients, from 1 to the number of parties.</param>
    /// <param name="alpha">Above 0: parties of one taste go together, by a Dirichlet draw with this concentration; 0: equally many to each, at random.</param>
    /// <param name="seed">Equal seeds deal equally.</param>
    /// <exception cref="ArgumentException">The data names no parties.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer parties than clients, no client, or α is below 0.</exception>
    public static ClientPartition Grouped(Dataset dataset, int count, double alpha, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(alpha);
        var parties = dataset.Parties ?? throw new ArgumentException($"The data {dataset.Name} names no parties.", nameof(dataset));
        ThrowUnlessDealable(count, parties.Names.Count, "parties");
        var groupOf = PartyGroups.Of(dataset, count, alpha, seed);
        return Of(dataset, count, user => groupOf[parties.Of(user)]);
    }

    /// <summary>Deals the users to organisations that differ in taste and in size.</summary>
    /// <param name="dataset">The users to deal; their tastes are those of their training rows.</param>
    /// <param name="parties">Number of clients, from 1 to the number of users; every one gets at least one user.</param>
    /// <param name="alpha">Concentration of the Dirichlet distribution, above 0: each taste is dealt by a draw of its own (Hsu et al. 2019).
    /// 0.1 is very uneven, 100 nearly even.</param>
    /// <param name="seed">Equal seeds deal equally.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer users than parties, no party, or α is not above 0.</exception>
    public static ClientPartition Skewed(Dataset dataset, int parties, double alpha, ulong seed)
    {
        ThrowUnlessDealable(parties, dataset.Users.Count, "users");
        var partyOf = SkewedDeal.Deal(TasteGroups.Of(dataset, seed), parties, alpha, seed);
        return Of(dataset, parties, user => partyOf[user]);
    }

    /// <summary>Users of all clients.</summary>
    public int UserCount => _users.Length;

    /// <summary>All clients in their order.</summary>
    public IEnumerable<ClientData> Clients => Enumerable.Range(0, Count).Select(Client);

    /// <summary>One client that holds everybody's users: what a federation avoids, to compare with.</summary>
    public ClientData Pooled() => new(_dataset.Train, Enumerable.Range(0, UserCount).ToArray(), _dataset.Items.Count);

    /// <summary>What one client may train on.</summary>
    /// <param name="number">From 0 to <see cref="Count"/> − 1.</param>
    public ClientData Client(int number) => new(_dataset.Train, UsersOf(number), _dataset.Items.Count);

    /// <summary>The dense numbers of a client's users, ascending.</summary>
    public ReadOnlyMemory<int> UsersOf(int client) => _users.AsMemory(_offsets[client].._offsets[client + 1]);

    /// <summary>The client that holds a user, and the user's place among the client's users.</summary>
    public (int Client, int Index) Find(int user) => _places[user];

    private static void ThrowUnlessDealable(int parties, int members, string what)
    {
        if (parties < 1 || parties > members)
        {
            throw new ArgumentException($"parties is {parties}; the data has {members} {what}, so it must be 1 to {members}.");
        }
    }

    private ClientPartition Named(IReadOnlyList<string> names)
    {
        Names = names;
        return this;
    }

    private static ClientPartition Of(Dataset dataset, int parties, Func<int, int> partyOf)
    {
        var users = Enumerable.Range(0, dataset.Users.Count).OrderBy(partyOf).ToArray(); // stable: ascending within a party
        var offsets = new int[parties + 1];
        foreach (var user in users)
        {
            offsets[partyOf(user) + 1]++;
        }

        for (var party = 0; party < parties; party++)
        {
            offsets[party + 1] += offsets[party];
        }

        return new ClientPartition(dataset, users, offsets);
    }
}
