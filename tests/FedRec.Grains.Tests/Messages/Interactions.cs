using System.Text;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using Orleans.Serialization;

namespace FedRec.Grains.Tests.Messages;

/// <summary>Users whose ids and histories are easy to recognise, and the search for them in what is sent.</summary>
internal sealed class Interactions
{
    /// <summary>Begins every user id of the file, and nothing else.</summary>
    public const string UserMark = "quokka-of-the-western-shore";

    /// <summary>Begins every item id of the file, and nothing else.</summary>
    public const string ItemMark = "numbat-with-a-striped-back";

    private const int Users = 48;
    private const int Items = 70;
    private readonly Dataset _dataset;
    private readonly Serializer _serializer;
    private readonly List<(string What, byte[] Bytes)> _patterns = [];
    private readonly List<(string What, byte[] Bytes)> _heldOut = [];

    public Interactions(Dataset dataset, Serializer serializer)
    {
        (_dataset, _serializer) = (dataset, serializer);
        foreach (var mark in new[] { UserMark, ItemMark })
        {
            _patterns.Add(($"an id '{mark}…'", Encoding.UTF8.GetBytes(mark)));
            _patterns.Add(($"an id '{mark}…' in UTF-16", Encoding.Unicode.GetBytes(mark)));
        }

        for (var user = 0; user < dataset.Users.Count; user++)
        {
            AddPatterns(user);
        }
    }

    /// <summary>Writes a file of 48 users with 8 to 15 of 70 items each, in an order of their own.</summary>
    /// <remarks>The first user has all items: numbers are given in the order of the file, and a history of 0, 1, 2, … would be
    /// mistaken for a list of clients.</remarks>
    public static void Write(string file)
    {
        var random = new Random(5);
        var lengths = Enumerable.Range(0, Users).Select(_ => 8 + random.Next(8)).ToArray();
        var text = new StringBuilder("user,item,timestamp\n");
        for (var user = 0; user < Users; user++)
        {
            var items = Enumerable.Range(0, Items).ToArray();
            random.Shuffle(items);
            for (var i = 0; i < (user == 0 ? Items : lengths[user]); i++)
            {
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{UserMark}-{user:D4},{ItemMark}-{items[i]:D4},{1_000_000 + i}\n");
            }
        }

        File.WriteAllText(file, text.ToString());
    }

    /// <summary>The numbers of what a user may be trained on.</summary>
    public int[] HistoryOf(int user) => _dataset.Train.Items(user).ToArray();

    /// <summary>A held-out item of a user.</summary>
    public int HeldOutOf(int user) => _dataset.Test.Items(user)[0];

    /// <summary>What of the interactions is in a message; empty when nothing is.</summary>
    public IEnumerable<string> FindIn(object message)
    {
        var bytes = _serializer.SerializeToArray(message);

        // Two small integers beside each other also occur in sums, the upper half of one value and a tiny one after it, and among the zeros of what has changed in parameters.
        var heldOut = MessageGraph.Nodes(message).Any(node => node.Value is PartialSum or ParameterChange { IsDifference: true }) ? [] : _heldOut;
        foreach (var (what, pattern) in _patterns.Concat(heldOut))
        {
            if (bytes.AsSpan().IndexOf(pattern) >= 0)
            {
                yield return $"{what} in the bytes";
            }
        }

        foreach (var (path, value, _) in MessageGraph.Nodes(message))
        {
            if (!MessageTypes.ListsClients(path) && Numbers(value) is { } numbers && FindIn(numbers) is { } found)
            {
                yield return $"{found} at {message.GetType().Name}{path}";
            }
        }
    }

    private string? FindIn(HashSet<long> numbers)
    {
        for (var user = 0; user < _dataset.Users.Count; user++)
        {
            var history = HistoryOf(user);
            if (history.All(item => numbers.Contains(item)))
            {
                return $"the history of user {user}";
            }
        }

        return null;
    }

    private static HashSet<long>? Numbers(object? value) => value switch
    {
        IEnumerable<int> ints when MessageGraph.Nodes(value).Skip(1).Any() => [.. ints.Select(i => (long)i)],
        IEnumerable<long> longs when MessageGraph.Nodes(value).Skip(1).Any() => [.. longs],
        _ => null,
    };

    private void AddPatterns(int user)
    {
        var history = HistoryOf(user);
        _patterns.Add(($"the history of user {user} as int32", [.. history.SelectMany(BitConverter.GetBytes)]));
        _patterns.Add(($"the history of user {user} as varints", [.. history.SelectMany(VarInt)]));
        _patterns.Add(($"the history of user {user} as zigzag varints", [.. history.SelectMany(item => VarInt(item << 1))]));

        _patterns.Add(($"the history of user {user} as Orleans writes a list", [.. history.SelectMany(ListElement).Skip(1)])); // the first header may name a type
        _heldOut.Add(($"the held-out item of user {user}", [.. BitConverter.GetBytes(user), .. BitConverter.GetBytes(HeldOutOf(user))]));
    }

    // A field header of zero and a zigzag number whose low bits tell its length.
    private static byte[] ListElement(int item) => item < 64 ? [0, (byte)((item << 2) | 1)] : [0, .. BitConverter.GetBytes((ushort)((item << 3) | 2))];

    private static IEnumerable<byte> VarInt(int value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
