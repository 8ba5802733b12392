using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Core.Learners.ShallowAutoencoders;

/// <summary>The items of a user that votes are about: the newest, or random ones where there is no order. Not thread-safe.</summary>
/// <remarks>With many users a seeded share of them votes. A tenth of a user's items is held out, at least one and at most three; a user with one item has none to hold out.</remarks>
/// <param name="users">Users of the federation; 0 where that is not known.</param>
internal sealed class HeldOutOwn(int users)
{
    /// <summary>Most items that one user holds out.</summary>
    public const int Most = 3;

    private const int EnoughVoters = 5_000;
    private int[] _order = []; // places of the own items, the newest first
    private int[] _items = [];
    private float[] _ages = [];
    private long[] _times = [];

    /// <summary>Items held out.</summary>
    public int Count { get; private set; }

    /// <summary>A held-out item; 0 is the newest.</summary>
    public int Item(int place) => _items[_order[place]];

    /// <summary>Finds what a user holds out.</summary>
    public void Find(ClientData data, int user)
    {
        var history = data.History(user);
        (_items, _ages, _times) = (history.Items.ToArray(), history.Ages.ToArray(), history.Times.ToArray());
        var random = SeedSequence.For(0, "ease.held-out", data.UserNumber(user));
        Count = _items.Length < 2 || (users > EnoughVoters && random.NextDouble() * users >= EnoughVoters) ? 0 : Math.Clamp(_items.Length / 10, 1, Most);
        _order = [.. Enumerable.Range(0, _items.Length)];
        random.Shuffle(_order.AsSpan());
        if (_ages.Length > 0)
        {
            var ages = _ages;
            _order = [.. _order.OrderBy(place => ages[place])]; // stable: equal ages stay shuffled
        }
    }

    /// <summary>What the user had met before a held-out item.</summary>
    public UserHistory Before(int place) => Of(_order[(place + 1)..]);

    /// <summary>The user's history without what is held out.</summary>
    public UserHistory Rest(ClientData data, int user)
    {
        Find(data, user);
        return Count == 0 ? data.History(user) : Of(_order[Count..]);
    }

    private UserHistory Of(int[] places)
    {
        Array.Sort(places);
        var ages = Array.ConvertAll(_ages.Length == 0 ? [] : places, place => _ages[place]);
        Ages.Among(ages.AsSpan(), ages);
        var times = Array.ConvertAll(_times.Length == 0 ? [] : places, place => _times[place]);
        return new UserHistory(Array.ConvertAll(places, place => _items[place]), ages: ages, times: times);
    }
}
