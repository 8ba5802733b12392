namespace FedRec.Core.Data;

/// <summary>What one client may train on: the training rows of its own users, and nothing held out.</summary>
/// <param name="train">Training rows of the whole process, of which only the own users' are reachable.</param>
/// <param name="users">The client's users, one or many, as rows of <paramref name="train"/>.</param>
/// <param name="itemCount">Items of the catalogue, at least 1.</param>
public sealed class ClientData(UserItems train, ReadOnlyMemory<int> users, int itemCount)
{
    /// <summary>Users this client holds, at least 1.</summary>
    public int UserCount => users.Length;

    /// <summary>Items of the catalogue.</summary>
    public int ItemCount => itemCount;

    /// <summary>Training items of the client's i-th user, ascending and without repeats.</summary>
    public ReadOnlySpan<int> Items(int user) => train.Items(users.Span[user]);

    /// <summary>Ratings beside <see cref="Items"/>; empty when the data has none.</summary>
    public ReadOnlySpan<float> Ratings(int user) => train.Ratings(users.Span[user]);

    /// <summary>Items and ratings of the client's i-th user.</summary>
    public UserHistory History(int user) => train.History(users.Span[user]);

    /// <summary>The dense number of the client's i-th user.</summary>
    internal int UserNumber(int user) => users.Span[user];
}
