using System.Globalization;
using System.Security.Cryptography;
using FedRec.Cli.Parties;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Data.Readers;
using FedRec.Core.Federation;
using FedRec.Integration.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>A party with a folder and a file of its own that does what a <see cref="FakeCoordinator"/> asks; it may be ended and started again.</summary>
internal sealed class WorkingParty : IDisposable
{
    private readonly TemporaryFolder _files = new();
    private readonly ECDsa _key;
    private PartyClient _client = null!;

    public WorkingParty()
    {
        Csv = Path.Combine(_files.Path, "orders.csv");
        Write(users: 20);
        Folder = PartyFolder.Create(Path.Combine(_files.Path, "north"), new PartyMembership(FakeCoordinator.Code, Csv, new ReadingOptions()));
        _key = Folder.ReadKey();
        Restart();
    }

    public static IReadOnlyList<(string Id, string Title)> Items { get; } = [.. Enumerable.Range(0, 20).Select(item => (string.Create(CultureInfo.InvariantCulture, $"i{item}"), string.Create(CultureInfo.InvariantCulture, $"Item {item}")))];

    public string Csv { get; }

    public PartyFolder Folder { get; private set; }

    public FakeCoordinator Coordinator { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public List<string> Said { get; } = [];

    public PartyWorker Worker { get; private set; } = null!;

    public NewestModel Newest { get; private set; } = null!;

    public string Policy
    {
        set => File.WriteAllText(Path.Combine(Folder.Root, PartyPolicy.FileName), value);
    }

    /// <summary>Writes the party's file: each user has met eight items.</summary>
    public void Write(int users, int seed = 7)
    {
        var (random, time) = (new Random(seed), 1_700_000_000);
        File.WriteAllLines(Csv, ["user,item,timestamp", .. Enumerable.Range(0, users).SelectMany(user => Enumerable.Range(0, 20).OrderBy(_ => random.Next()).Take(8).ToArray()
            .Select(item => string.Create(CultureInfo.InvariantCulture, $"u{user},i{item},{time += 7}")))]);
    }

    /// <summary>Has the party read something else.</summary>
    public void Join(string data, ReadingOptions reading, bool matchesTitles = false, string? keyFile = null)
    {
        PartyFolder.Create(Folder.Root, new PartyMembership(FakeCoordinator.Code, data, reading) { MatchesTitles = matchesTitles, KeyFile = keyFile });
        Restart();
    }

    /// <summary>Another process on the same folder.</summary>
    public void Restart()
    {
        Worker?.Dispose();
        Newest?.Dispose();
        _client?.Dispose();
        Folder = PartyFolder.Open(Folder.Root);
        _client = new PartyClient(FakeCoordinator.Code, _key, Time, Coordinator);
        Newest = new NewestModel(Folder, FederationParts.BuiltIn(), Said.Add, Time);
        Worker = new PartyWorker(Folder, _client, FederationParts.BuiltIn(), Newest, Said.Add, Time);
    }

    public async Task DoAsync(PartyOrder order)
    {
        await Worker.DoAsync(order, CancellationToken.None);
        await Worker.OfferedAsync();
    }

    /// <summary>Hears which version is in use, and takes it.</summary>
    public async Task PollAsync()
    {
        _ = await _client.PollAsync(TimeSpan.Zero, CancellationToken.None);
        await Worker.TakeVersionInUseAsync(CancellationToken.None);
    }

    /// <summary>A version as the coordinator names it.</summary>
    public PartyOrder Version(long version, string run = "run-1", int round = 1) => Coordinator.Order(Items, run: run, round: round) with { BaseVersion = version };

    /// <summary>An order to evaluate what a round came to, or a version that is named by its number.</summary>
    public PartyOrder Evaluation(string learner = "mf", string run = "run-1", int round = 1, long version = 0) =>
        Coordinator.Order(Items, learner, run, round) with { Evaluation = new PartyEvaluation(Guid.NewGuid(), [10], OnValidation: false, Sampled: false, Shared: false), BaseVersion = version };

    public PartyOrder Order(string learner = "mf", string run = "run-1", int round = 1) => Coordinator.Order(Items, learner, run, round);

    public void Dispose()
    {
        Worker.Dispose();
        Newest.Dispose();
        _client.Dispose();
        _key.Dispose();
        _files.Dispose();
    }
}
