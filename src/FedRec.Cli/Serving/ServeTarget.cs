using System.Text.Json;
using FedRec.Core.Randomness;

namespace FedRec.Cli.Serving;

/// <summary>What is measured.</summary>
/// <param name="Server">Where the API is, without <c>/api/v1</c>.</param>
/// <param name="Federation">The federation asked.</param>
/// <param name="Users">Users asked for; their order is that of the requests.</param>
/// <param name="Count">Items of a list.</param>
/// <param name="Key">Says who asks; null where nobody is asked.</param>
internal sealed record ServeTarget(Uri Server, string Federation, IReadOnlyList<string> Users, int Count, string? Key)
{
    private string Api => $"{Server.AbsolutePath.TrimEnd('/')}/api/v1";

    /// <summary>Users in an order that says nothing of them, the same each time.</summary>
    public static IReadOnlyList<string> InAnyOrder(IEnumerable<string> users)
    {
        var order = users.ToArray();
        var random = SeedSequence.For(seed: 1, "bench serve");
        random.Shuffle(order.AsSpan());
        return order;
    }

    public byte[] List(string user) => Request("GET", $"recommendations/{Uri.EscapeDataString(user)}?federation={Federation}&k={Count}");

    public byte[] Click(string user, string item) => Request("POST", "interactions", JsonSerializer.Serialize(new { user, item, federation = Federation }));

    public byte[] Promote(long version) => Request("POST", $"models/{version}/promote?federation={Federation}");

    public byte[] Models() => Request("GET", $"models?federation={Federation}");

    /// <summary>Connections over which lists of the users are asked for, in turn.</summary>
    public Lanes Open(int connections) => new(Server, [.. Users.Select(List)], connections);

    private byte[] Request(string method, string path, string? json = null) => HttpLane.Request(Server, method, $"{Api}/{path}", Key, json);
}

/// <summary>Connections as lanes of a load.</summary>
internal sealed class Lanes : IDisposable
{
    private readonly HttpLane[] _lanes;

    public Lanes(Uri server, byte[][] requests, int connections)
    {
        _lanes = [.. Enumerable.Range(0, connections).Select(_ => new HttpLane(server))];
        All = [.. _lanes.Select(lane => (Func<int, Reply>)(i => lane.Send(requests[i % requests.Length])))];
    }

    public IReadOnlyList<Func<int, Reply>> All { get; }

    public void Dispose() => Array.ForEach(_lanes, lane => lane.Dispose());
}

/// <summary>How much is sent.</summary>
/// <param name="Rate">Requests a second, where they are sent at a rate.</param>
/// <param name="Length">Time of each part.</param>
/// <param name="WarmUp">Time before each part that does not count.</param>
/// <param name="Connections">Connections that are kept open.</param>
/// <param name="Clicks">Clicks of the part of clicks.</param>
/// <param name="Requests">Requests of the part in which versions are put in use.</param>
internal sealed record ServeLoad(double Rate, TimeSpan Length, TimeSpan WarmUp, int Connections, int Clicks, int Requests)
{
    public string Words => FormattableString.Invariant(
        $"{Rate:0} requests/s over {Connections} connections for {Length.TotalSeconds:0} s a part, after {WarmUp.TotalSeconds:0} s of the same that count for failures only. A time begins when a request is due; percentiles are of all requests.");
}
