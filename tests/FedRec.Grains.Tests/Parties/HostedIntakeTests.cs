using System.Collections.Immutable;
using System.Text;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Runs;
using FedRec.Grains.Parties;

namespace FedRec.Grains.Tests.Parties;

/// <summary>What users send is durable before the answer, costs its own bytes, is taken in once, and refused without a trace.</summary>
public sealed class HostedIntakeTests
{
    private const long Start = 1_700_000_000_000;
    private readonly SurvivingStorage _states = new();

    [Fact]
    public async Task Record_TheThousandthEventOfAUser_CostsNoMoreThanAnEarlyOne()
    {
        await using var federation = await TestFederation.StartAsync(1, _states);
        var history = HostedFederationTests.History(federation, "own");
        await HostedFederationTests.ImportAsync(federation, "own", [.. Enumerable.Range(0, 300).Select(item => Event("u", item, item))]);
        for (var i = 0; i < 1_000; i++)
        {
            await history.RecordAsync(Event("u", i % 300, 1_000 + i));
        }

        var all = _states.Sizes.Where(write => write.State.StartsWith("user", StringComparison.Ordinal) || write.State.StartsWith("history-", StringComparison.Ordinal)).ToList();
        var mean = all.TakeLast(1_000).Average(write => write.Bytes);
        Assert.True(mean < 256 * 150, $"{mean} bytes for an event, of a history of 1,300");
        Assert.True(all.TakeLast(256).Average(write => write.Bytes) < 1.3 * all.Skip(1).Take(256).Average(write => write.Bytes));
        Assert.Equal(5, _states.Stored.Keys.Count(key => key.StartsWith("history-", StringComparison.Ordinal))); // of 256 events each
    }

    [Fact]
    public async Task Forget_AUserWithSegments_ErasesThemAllAndKeepsTheUserOut()
    {
        await using (var federation = await TestFederation.StartAsync(1, _states))
        {
            await HostedFederationTests.ImportAsync(federation, "own", [.. Enumerable.Range(0, 700).Select(item => Event("somebody", item, item)), Event("other", 1, 1), Event("other", 2, 2)]);
            var receipt = await HostedFederationTests.History(federation, "own").RecordAsync(new HistoryChange("somebody", HistoryChangeKind.Forgotten));

            Assert.Equal(HistoryOutcome.Recorded, receipt.Outcome);
            Assert.DoesNotContain(receipt.Remaining, place => place.Contains("loaded", StringComparison.Ordinal));
            Assert.DoesNotContain(_states.Stored.Keys, key => key.StartsWith("history-", StringComparison.Ordinal));
            Assert.DoesNotContain(_states.Stored, record => record.Key.Contains("somebody", StringComparison.Ordinal) || record.Value.AsSpan().IndexOf(Encoding.UTF8.GetBytes("somebody")) >= 0);
        }

        await using var again = await TestFederation.StartAsync(1, _states);
        Assert.Equal(HistoryOutcome.UserForgotten, (await HostedFederationTests.History(again, "own").RecordAsync(Event("somebody", 1, 5))).Outcome);
        Assert.Equal(HistoryOutcome.Recorded, (await HostedFederationTests.History(again, "own").RecordAsync(Event("other", 3, 5))).Outcome);
    }

    [Fact]
    public async Task Import_CutOffAndRepeated_EndsAsIfItHadNotBeen()
    {
        using var rows = new HostedRows(users: 30, items: 20);
        await using var federation = await TestFederation.StartAsync(1, _states);
        foreach (var state in new[] { "catalogue", "registry-0", "user", "user" })
        {
            _states.FailWritesOf = state;
            await Assert.ThrowsAnyAsync<Exception>(() => HostedFederationTests.History(federation, "cut").ImportAsync(rows.Changes));
        }

        _states.FailWritesOf = null;
        await HostedFederationTests.ImportAsync(federation, "cut", rows.Changes);
        await HostedFederationTests.ImportAsync(federation, "whole", rows.Changes);
        await federation.RunAsync(HostedFederationTests.Request("cut", "mf"));
        await federation.RunAsync(HostedFederationTests.Request("whole", "mf"));

        Assert.Equal((await HostedFederationTests.ManifestAsync(federation, "whole")).Sha256, (await HostedFederationTests.ManifestAsync(federation, "cut")).Sha256);
    }

    [Fact]
    public async Task Join_MoreThanAPartition_NumbersInOrderAndForGood()
    {
        string[] keys = [.. Enumerable.Range(0, IRegistryGrain.PartitionSize + 50).Select(i => $"k{i * 7 % 10_007}")];
        await using (var federation = await TestFederation.StartAsync(1, _states))
        {
            var registry = federation.Grains.GetGrain<IRegistryGrain>("own");
            Assert.Equal(Enumerable.Range(0, 100), await registry.JoinAsync([.. keys.Take(100)]));
            Assert.Equal(Enumerable.Range(0, keys.Length), await registry.JoinAsync([.. keys]));
            Assert.Equal(keys[^50..], _states.Read<RegistryState>("registry-1", registry.GetGrainId().ToString(), federation.Serializer).Members.Keys); // durable before the answer
            await registry.NoteSizesAsync([new ClientSize(3, 9), new ClientSize(keys.Length - 1, 4), new ClientSize(keys.Length, 4)]);
        }

        await using var again = await TestFederation.StartAsync(1, _states);
        var read = again.Grains.GetGrain<IRegistryGrain>("own");
        Assert.Equal(Enumerable.Range(0, 3).Reverse(), (await read.JoinAsync([keys[2], keys[1], keys[0]])).AsEnumerable());
        Assert.Equal(keys.Length, await read.CountAsync());
        var (first, second) = (await read.ReadAsync(0), await read.ReadAsync(1));
        Assert.Equal(keys, first.Keys.Concat(second.Keys));
        Assert.Equal((9, 4), (first.SizeClasses[3], second.SizeClasses[^1]));
        Assert.Equal(IRegistryGrain.PartitionSize, first.Keys.Length);
    }

    public static TheoryData<string> Faults { get; } = ["no user", "no item", "rating", "no time", "time", "one without rating", "forgotten", "nothing"];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Import_SomethingWrong_IsRefusedByNameAndLeavesNoTrace(string fault)
    {
        await using var federation = await TestFederation.StartAsync(1, _states);
        if (fault == "one without rating")
        {
            await HostedFederationTests.ImportAsync(federation, "own", [Event("a", 1, 1) with { Rating = 3 }]);
        }

        var good = Event("u", 1, 1) with { Rating = fault == "one without rating" ? 4 : null };
        ImmutableArray<HistoryChange> changes = fault switch
        {
            "no user" => [good, Event("", 1, 2)],
            "no item" => [good, Event("u", 1, 2) with { Item = "" }],
            "rating" => [good, Event("u", 1, 2) with { Rating = float.NaN }],
            "no time" => [good, Event("u", 1, 2) with { Time = null }],
            "time" => [good, Event("u", 1, 2) with { Time = -1 }],
            "one without rating" => [good, Event("u", 2, 2)],
            "forgotten" => [good, new HistoryChange("u", HistoryChangeKind.Forgotten)],
            _ => [],
        };
        var before = _states.Stored.ToDictionary();

        var receipt = await HostedFederationTests.History(federation, "own").ImportAsync(changes);

        Assert.Equal((HistoryOutcome.Unfit, 0), (receipt.Outcome, receipt.Recorded));
        Assert.NotEmpty(receipt.Message);
        Assert.Equal(before.Keys.Order(), _states.Stored.Keys.Order());
    }

    [Fact]
    public async Task Federation_OfOneKind_RefusesWhatTheOtherKindDoes()
    {
        using var rows = new HostedRows(users: 20, items: 15);
        await using var federation = await TestFederation.StartAsync(1);
        await HostedFederationTests.ImportAsync(federation, "hosted", rows.Changes);
        await federation.RunAsync(TestFederation.Request("simulated"));

        var simulated = await federation.Grains.GetGrain<IFederationGrain>("hosted").SimulateAsync(new DataSpec { Path = rows.FilePath });
        var imported = await HostedFederationTests.History(federation, "simulated").ImportAsync(rows.Changes);

        Assert.Equal((null, HistoryOutcome.Unfit), (simulated, imported.Outcome));
        Assert.Contains("loaded data", imported.Message, StringComparison.Ordinal);
        Assert.Empty((await federation.Grains.GetGrain<IFederationGrain>("hosted").GetSummaryAsync()).Runs);
    }

    private static HistoryChange Event(string user, int item, int time) => new(user, HistoryChangeKind.Added, $"i{item}") { Time = Start + time };
}
