using FedRec.Contracts.Access;

namespace FedRec.Grains.Tests.Access;

/// <summary>What was noted is durable, follows what was noted before, and cannot be changed unseen.</summary>
public sealed class AccessLogTests
{
    private readonly SurvivingStorage _states = new();

    [Fact]
    public async Task Entries_OutliveTheCluster_InOneChain()
    {
        await using (var first = await TestFederation.StartAsync(1, _states))
        {
            await AppendAsync(first, 3);
        }

        await using var second = await TestFederation.StartAsync(1, _states);
        await AppendAsync(second, 2);
        var entries = await ReadAsync(second);

        Assert.Equal([1, 2, 3, 4, 5], entries.Select(entry => entry.Number));
        Assert.Equal("", entries[0].Before);
        Assert.Null(AccessLogEntry.FindBreak(entries));
    }

    [Fact]
    public async Task Chain_WithAnyEntryChangedOrTakenOut_IsBrokenThere()
    {
        await using var federation = await TestFederation.StartAsync(1, _states);
        await AppendAsync(federation, 5);
        var entries = await ReadAsync(federation);

        foreach (var change in new Func<AccessLogEntry, AccessLogEntry>[]
        {
            entry => entry with { At = entry.At.AddSeconds(1) },
            entry => entry with { Note = entry.Note with { Caller = "somebody else" } },
            entry => entry with { Note = entry.Note with { Action = "POST /api/v1/runs" } },
            entry => entry with { Note = entry.Note with { Status = 403 } },
            entry => entry with { Note = entry.Note with { Of = 1 } },
            entry => AccessLogEntry.Next(entry.Number, entry.At, entry.Note with { Status = 403 }, entry.Before), // with a hash of its own
        })
        {
            var changed = entries.ToList();
            changed[2] = change(changed[2]);
            Assert.InRange(AccessLogEntry.FindBreak(changed) ?? 0, 3, 4);
        }

        Assert.Equal(4, AccessLogEntry.FindBreak([.. entries.Where(entry => entry.Number != 3)]));
    }

    [Fact]
    public async Task Write_ThatFails_IsNotAnswered_AndLeavesTheLogAsItWas()
    {
        await using var federation = await TestFederation.StartAsync(1, _states);
        await AppendAsync(federation, 1);

        _states.FailWritesOf = "access-log";
        await Assert.ThrowsAsync<OrleansException>(() => AppendAsync(federation, 1));
        _states.FailWritesOf = null;
        await AppendAsync(federation, 1);

        Assert.Equal([1, 2], (await ReadAsync(federation)).Select(entry => entry.Number));
    }

    [Fact]
    public async Task Entries_BeyondTheMost_AreDropped_AndTheChainGoesOn()
    {
        await using var federation = await TestFederation.StartAsync(1, _states);
        await AppendAsync(federation, IAccessLogGrain.Most + 2);

        var entries = await ReadAsync(federation);

        Assert.Equal((IAccessLogGrain.Most, 3, IAccessLogGrain.Most + 2), (entries.Count, entries[0].Number, entries[^1].Number));
        Assert.Null(AccessLogEntry.FindBreak(entries));
    }

    [Theory]
    [InlineData("", "POST /")]
    [InlineData("ada", "")]
    [InlineData("ada\nbob", "POST /")]
    public async Task Note_ThatSaysNothingOrMore_IsRefused(string caller, string action)
    {
        await using var federation = await TestFederation.StartAsync(1, _states);

        await Assert.ThrowsAsync<ArgumentException>(() => Log(federation).AppendAsync(new AccessLogNote(caller, action, 0, 0)));

        Assert.Empty(await ReadAsync(federation));
    }

    private static IAccessLogGrain Log(TestFederation federation) => federation.Grains.GetGrain<IAccessLogGrain>(IAccessLogGrain.Key);

    private static async Task<IReadOnlyList<AccessLogEntry>> ReadAsync(TestFederation federation) => await Log(federation).ReadAsync();

    private static async Task AppendAsync(TestFederation federation, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Log(federation).AppendAsync(new AccessLogNote("ada", $"POST /api/v1/models/{i}/promote", 0, 200));
        }
    }
}
