using System.Collections.Immutable;
using System.Globalization;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Privacy;
using FedRec.Grains.Tests.Parties;
using FedRec.Grains.Tests.Privacy;
using FedRec.Grains.Tests.Recommendations;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>Some parties with rows of their own, in a federation whose catalogue they do not make.</summary>
internal sealed class RemoteFederation : IAsyncDisposable
{
    public const string Name = "remote";
    private readonly CancellationTokenSource _stop = new();
    private Task[] _working = [];

    private readonly string[] _names;

    private RemoteFederation(TestFederation federation, SkippingTime time, string[] names, int users) => (Cluster, Time, _names, Rows) = (federation, time, names, RowsOf(names, users));

    public TestFederation Cluster { get; }

    /// <summary>Ends the work of the parties.</summary>
    public CancellationTokenSource Stopping => _stop;

    /// <summary>What the silos go by.</summary>
    public SkippingTime Time { get; }

    public ImmutableDictionary<string, HistoryChange[]> Rows { get; }

    public LocalParty[] Parties { get; private set; } = [];

    public static async Task<RemoteFederation> StartAsync(short silos, SurvivingStorage? states = null, MemoryModelStore? models = null, int users = 60, int parties = 3)
    {
        var time = new SkippingTime();
        var cluster = await TestFederation.StartAsync(silos, states, models, silo =>
        {
            silo.Services.AddSingleton<TimeProvider>(time);
            silo.Services.AddSingleton(new SiloSecret(() => PrivateFederation.Key));
        });
        string[] names = ["north", "south", "west", .. Enumerable.Range(4, parties - 3).Select(number => $"west{number:D2}")];
        var federation = new RemoteFederation(cluster, time, names, users);
        await federation.FillCatalogueAsync(Name);
        federation.Parties = [.. names.Select(name => new LocalParty(cluster.Grains, Name, name, federation.Rows[name]) { Labels = name == "south" ? "region=us,tier=2" : "region=eu,tier=2" })];
        foreach (var party in federation.Parties)
        {
            await party.EnterAsync();
        }

        return federation;
    }

    /// <summary>All parties do what they are asked from now on.</summary>
    public void Work(params LocalParty[] only) => _working = [.. (only.Length > 0 ? only : Parties).Select(party => party.WorkAsync(_stop.Token))];

    /// <summary>The parties do no more of what they are asked.</summary>
    public async Task RestAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_working);
    }

    public static RunRequest Request(string learner, string federation = Name) => HostedFederationTests.Request(federation, learner);

    /// <summary>The items, in the order in which an import of all parties would bring them.</summary>
    public Task<int> FillCatalogueAsync(string federation) => Cluster.Grains.GetGrain<ICatalogueGrain>(federation).AddAsync(
        [.. _names.SelectMany(name => Rows[name]).Select(change => change.Item!).Distinct(StringComparer.Ordinal).Select(item => new CatalogueItem(item, null, []))]);

    /// <summary>The same rows as hosted organisations.</summary>
    public async Task ImportAsync(string federation)
    {
        foreach (var name in _names)
        {
            var receipt = await HostedFederationTests.History(Cluster, federation).ImportOfAsync(name, [.. Rows[name]]);
            Assert.True(receipt.Outcome == HistoryOutcome.Recorded, receipt.Message);
        }
    }

    /// <summary>The same rows as files, a folder for each party.</summary>
    public void Write(DirectoryInfo folder)
    {
        foreach (var (name, own) in Rows)
        {
            File.WriteAllLines(Path.Combine(folder.CreateSubdirectory(name).FullName, "interactions.csv"),
                ["user,item,timestamp", .. own.Select(change => string.Create(CultureInfo.InvariantCulture, $"{change.User},{change.Item},{change.Time}"))]);
        }
    }

    /// <summary>What the first party is asked to train, once all of them are asked and nothing is being stored any more.</summary>
    public async Task<PartyOrder> AskedAsync() => (await Task.WhenAll(Parties.Select(NextAsync)))[0];

    private static async Task<PartyOrder> NextAsync(LocalParty party)
    {
        PartyOrder? order = null;
        await Waiting.UntilAsync(async () => (order = await party.Twin.PollAsync(TimeSpan.FromSeconds(5))) is { Evaluation: null }, $"{party.Name} is asked to train");
        return order!;
    }

    public async ValueTask DisposeAsync()
    {
        await RestAsync();
        foreach (var party in Parties)
        {
            party.Dispose();
        }

        _stop.Dispose();
        await Cluster.DisposeAsync();
    }

    private static ImmutableDictionary<string, HistoryChange[]> RowsOf(string[] names, int users)
    {
        using var rows = new HostedRows(users, items: 40);
        var numbers = rows.Changes.Select(change => change.User).Distinct().Select((user, number) => (user, number)).ToDictionary();
        return names.Select((name, place) => (name, own: rows.Changes.Where(change => numbers[change.User] % names.Length == place).ToArray())).ToImmutableDictionary(one => one.name, one => one.own);
    }
}
