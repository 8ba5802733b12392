using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Grains.Tests.Messages;
using FedRec.Grains.Tests.Parties;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>Nothing that a party sends, and nothing that is stored of it, has what its users did.</summary>
public sealed class NoInteractionOfAPartyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedrec-test-");
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();
    private readonly SurvivingStorage _states = new();

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _services.Dispose();
    }

    [Theory]
    [InlineData("ease")]
    [InlineData("mf")]
    public async Task Run_OfAParty_SendsAndStoresNoInteraction(string learner)
    {
        var file = Path.Combine(_folder.FullName, "rows.csv");
        Interactions.Write(file);
        var interactions = new Interactions(DatasetSource.Open(new DatasetOptions { Path = file }), _services.GetRequiredService<Serializer>());
        var changes = File.ReadAllLines(file).Skip(1).Select(line => line.Split(',')).Select(row => new HistoryChange(row[0], HistoryChangeKind.Added, row[1]) { Time = long.Parse(row[2], System.Globalization.CultureInfo.InvariantCulture) * 1_000 }).ToArray();
        await using var cluster = await TestFederation.StartAsync(2, _states);
        var calls = new CapturedCalls();
        await cluster.Grains.GetGrain<ICatalogueGrain>("test").AddAsync([.. changes.Select(change => change.Item!).Distinct(StringComparer.Ordinal).Select(item => new CatalogueItem(item, null, []))]);
        calls.Watch(cluster.Gate); // the catalogue is public, and made by others
        using var party = new LocalParty(cluster.Grains, "test", "north", changes);
        await party.EnterAsync();

        using var stop = new CancellationTokenSource();
        var working = party.WorkAsync(stop.Token);
        var run = await cluster.RunAsync(HostedFederationTests.Request("test", learner));
        await stop.CancelAsync();
        await working;

        Assert.Equal((RunPhase.Completed, 48), (run.Phase, run.Users));
        var sent = calls.Messages.Where(one => one.Message is not (ContentSlice or CataloguePointer or CatalogueItem or ImmutableArray<CatalogueItem>)).ToArray(); // what comes down is the coordinator's own
        Assert.Contains(sent, one => one.Call.Contains(nameof(IPartyGrain.SubmitAsync), StringComparison.Ordinal));
        Assert.Empty(sent.SelectMany(one => MessageTypes.UnknownIn(one.Message)).Distinct());
        Assert.Empty(sent.SelectMany(one => interactions.FindIn(one.Message).Select(found => $"{one.Call}: {found}")).Distinct());
        Assert.NotEmpty(interactions.FindIn(changes[0])); // so the search does find what is there
        Assert.Empty(_states.Stored.Where(record => !record.Key.StartsWith("catalogue", StringComparison.Ordinal)).Select(record => (record.Key, Text: System.Text.Encoding.UTF8.GetString(record.Value)))
            .Where(record => record.Text.Contains(Interactions.UserMark, StringComparison.Ordinal) || record.Text.Contains(Interactions.ItemMark, StringComparison.Ordinal)).Select(record => record.Key));
    }
}
