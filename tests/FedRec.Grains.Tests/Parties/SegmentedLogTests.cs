using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Parties;

namespace FedRec.Grains.Tests.Parties;

/// <summary>What is appended is read again, in order, whatever is cut off in between; and one more costs a head's size at most, however long the log is.</summary>
public sealed class SegmentedLogTests
{
    public static TheoryData<int, int> Shapes { get; } = new() { { 256, 256 }, { 256, 4_096 }, { 4, 4 }, { 3, 10 }, { 1, 1 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Append_AnyBatchesWithCrashesAnywhere_KeepsAllInOrder(int head, int segment)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (random, log, store, wanted) = (new Random(seed), new SegmentedLog(head, segment), new Dictionary<int, ImmutableArray<int>>(), new List<int>());
            (int Segments, ImmutableArray<int> Tail) stored = (0, []);
            for (var batch = 0; batch < 30; batch++)
            {
                int[] items = [.. Enumerable.Range(wanted.Count, random.Next(1, 3 * head))];
                wanted.AddRange(items);
                for (var isDone = false; !isDone;)
                {
                    var beforeCrash = random.Next(8); // segments, and the head, that are written before it
                    try
                    {
                        var next = await log.AppendAsync(stored.Segments, stored.Tail, items, (number, full) =>
                        {
                            Assert.True(!store.ContainsKey(number) || number >= stored.Segments, $"segment {number} of {stored.Segments} was written again");
                            store[number] = beforeCrash-- > 0 ? full : throw new IOException();
                            return Task.CompletedTask;
                        });
                        stored = beforeCrash > 0 ? next : throw new IOException();
                        isDone = true;
                    }
                    catch (IOException)
                    {
                        // whoever appends begins again from the head that is stored
                    }
                }

                Assert.InRange(stored.Tail.Length, 0, head - 1);
            }

            Assert.Equal(wanted, await SegmentedLog.ReadAsync(stored.Segments, stored.Tail, number => Task.FromResult(store[number])));
            Assert.All(Enumerable.Range(0, stored.Segments), number => Assert.InRange(store[number].Length, 1, segment));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Append_OneMore_WritesAHeadAtMostHoweverLongTheLogIs(int head, int segment)
    {
        var (log, written) = (new SegmentedLog(head, segment), 0);
        (int Segments, ImmutableArray<int> Tail) stored = await log.AppendAsync(0, [], Enumerable.Range(0, 100_000), WriteAsync);
        for (var i = 0; i < 1_000; i++)
        {
            written = 0;
            stored = await log.AppendAsync(stored.Segments, stored.Tail, [i], WriteAsync);
            Assert.InRange(written + stored.Tail.Length, 0, head);
        }

        Task WriteAsync(int number, ImmutableArray<int> full)
        {
            written += full.Length;
            Assert.InRange(full.Length, 1, segment);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Load_MoreSegmentsThanAreKept_ReadsTheOldestAnew()
    {
        var store = new CountedStore();
        var segments = new CatalogueSegments(store);
        var items = Enumerable.Range(0, (CatalogueSegments.MostKept + 5) * ICatalogueGrain.SegmentSize).Select(i => new CatalogueItem($"i{i}", null, [])).ToArray();
        var log = await segments.AppendAsync("own", new CatalogueLog([], []), items);

        Assert.Equal(items.Length, (await segments.LoadAsync("own", log)).Length);
        var first = store.Loads;
        await segments.LoadAsync("own", log with { Segments = log.Segments[^3..] });
        var last = store.Loads - first;
        await segments.LoadAsync("own", log with { Segments = log.Segments[..3] });

        Assert.Equal((CatalogueSegments.MostKept + 5, 0, 3), (first, last, store.Loads - first - last));
    }

    [Theory]
    [InlineData("user", "history-0 of user/own/")]
    [InlineData("organisation", "history-1 of organisation/own/")]
    [InlineData("registry", "registry-0 of registry/own, which has a successor, is not full")]
    public async Task Record_WhereASegmentIsLost_IsRefusedAndSaysWhichAndWhatToDo(string kind, string named)
    {
        var states = new SurvivingStorage();
        ImmutableArray<HistoryChange> many = [.. Enumerable.Range(0, 9_000).Select(i => new HistoryChange(kind == "registry" ? $"u{i}" : $"u{i % 3}", HistoryChangeKind.Added, $"i{i % 40}") { Time = 1_600_000_000_000 + i })];
        await using (var federation = await TestFederation.StartAsync(1, states))
        {
            await ImportAsync(federation, many);
        }

        states.Lose(named[..named.IndexOf(' ', StringComparison.Ordinal)]);
        var before = states.Stored;
        await using var again = await TestFederation.StartAsync(1, states);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ImportAsync(again, [many[0] with { User = kind == "registry" ? "newcomer" : "u0", Time = 1_700_000_000_000 }]));

        Assert.Contains(named, failure.ToString(), StringComparison.Ordinal);
        Assert.Contains("missing in the store. Restore it from a backup", failure.ToString(), StringComparison.Ordinal);
        Assert.All(before, record => Assert.Equal(record.Value, states.Stored[record.Key]));

        Task<ImportReceipt> ImportAsync(TestFederation federation, ImmutableArray<HistoryChange> changes) => kind == "organisation"
            ? HostedFederationTests.History(federation, "own").ImportOfAsync("north", changes)
            : HostedFederationTests.History(federation, "own").ImportAsync(changes);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("history-1")]
    [InlineData("registry-0")]
    [InlineData("registry-1")]
    public async Task Import_CutOffBetweenSegmentsAndHeadAndRepeated_EndsAsIfItHadNotBeen(string state)
    {
        var states = new SurvivingStorage();
        ImmutableArray<HistoryChange> changes =
        [
            .. Enumerable.Range(0, 700).Select(i => new HistoryChange("big", HistoryChangeKind.Added, $"i{i % 40}") { Time = 1_600_000_000_000 + i }),
            .. Enumerable.Range(0, 2_200).Select(i => new HistoryChange($"u{i}", HistoryChangeKind.Added, $"i{i % 40}") { Time = 1_600_000_000_000 + i }),
        ];
        await using (var federation = await TestFederation.StartAsync(1, states))
        {
            states.FailWritesOf = state;
            await Assert.ThrowsAnyAsync<Exception>(() => HostedFederationTests.History(federation, "cut").ImportAsync(changes));
            states.FailWritesOf = null;
        }

        await using var again = await TestFederation.StartAsync(1, states);
        await HostedFederationTests.ImportAsync(again, "cut", changes);
        await HostedFederationTests.ImportAsync(again, "whole", changes);
        var request = HostedFederationTests.Request("cut", "mf") with { Rounds = new RoundSettings { Count = 1 } };
        var (cut, whole) = (await again.RunAsync(request), await again.RunAsync(request with { Federation = "whole" }));

        Assert.Equal((whole.Sha256, whole.Source.Hosted), (cut.Sha256, cut.Source.Hosted));
        Assert.Equal(2_201, cut.Clients);
    }

    private sealed class CountedStore : ICatalogueStore
    {
        private readonly MemoryCatalogueStore _store = new();

        public int Loads { get; private set; }

        public Task SaveAsync(string federation, string sha256, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) => _store.SaveAsync(federation, sha256, content, cancellationToken);

        public Task<ReadOnlyMemory<byte>> LoadAsync(string federation, string sha256, CancellationToken cancellationToken = default)
        {
            lock (_store)
            {
                Loads++;
            }

            return _store.LoadAsync(federation, sha256, cancellationToken);
        }
    }
}
