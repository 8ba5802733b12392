using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Parties;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace FedRec.Grains.Tests.Histories;

/// <summary>What a user did later is the user's own, whatever rows the data gains and whatever order they come in.</summary>
public sealed class OwnHistoryTests : IDisposable
{
    private const int Users = 12;
    private const int Items = 15;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedrec-test-");
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task History_AnyPermutationAndExtensionOfTheRows_StaysTheUsersOwn()
    {
        string[] federations = ["one", "two", "three", "four"];
        var expected = federations.ToDictionary(name => name, _ => Rows().GroupBy(row => row.User).ToDictionary(user => user.Key, user => user.Select(row => row.Item).ToHashSet()));
        await using (var before = await TestFederation.StartAsync(1, _states, _models))
        {
            foreach (var (name, seed) in federations.Select((name, seed) => (name, seed)))
            {
                await TrainAsync(before, name, Rows());
                await RecordSomeAsync(before, name, new Random(seed), expected[name]);
            }
        }

        await using var after = await TestFederation.StartAsync(1, _states, _models);
        foreach (var (name, seed) in federations.Select((name, seed) => (name, seed)))
        {
            var random = new Random(100 + seed);
            (string, string)[] rows = [.. NewUsers(random), .. Rows()];
            random.Shuffle(rows);
            await TrainAsync(after, name, rows);

            foreach (var (user, own) in expected[name])
            {
                Assert.Equal((name, user, string.Join(' ', own.Order(StringComparer.Ordinal))), (name, user, string.Join(' ', (await OwnAsync(after, name, user)).Order(StringComparer.Ordinal))));
            }
        }
    }

    [Fact]
    public async Task Record_StateOfBeforeByClientNumber_IsBroughtToTheUserItIsOf()
    {
        await using (var before = await TestFederation.StartAsync(1, _states, _models))
        {
            await TrainAsync(before, "old", Rows());
            await before.Grains.GetGrain<IFederationGrain>("old").NoteRecordedAsync();
            var state = new GrainState<ClientState>(new ClientState { Changes = [new(new HistoryChange("u4", HistoryChangeKind.Added, "i14"), 1), new(new HistoryChange("u4", HistoryChangeKind.Removed, "i4"), 1)] });
            var forgotten = new GrainState<ClientState>(new ClientState { Changes = [new(new HistoryChange("u5", HistoryChangeKind.Added, "i14"), 0), new(new HistoryChange("u5", HistoryChangeKind.Forgotten), 1)] });
            var storage = _states.For(before.Cluster.Silos[0].ServiceProvider.GetRequiredService<Serializer>());
            await storage.WriteStateAsync("client", before.Grains.GetGrain<IClientGrain>("old/9").GetGrainId(), state); // another order of rows
            await storage.WriteStateAsync("client", before.Grains.GetGrain<IClientGrain>("old/2").GetGrainId(), forgotten);
        }

        await using var after = await TestFederation.StartAsync(1, _states, _models);
        await TrainAsync(after, "old", Rows());

        var own = Rows().Where(row => row.User == "u4").Select(row => row.Item).Append("i14").Except(["i4"]);
        Assert.Equal(own.Order(StringComparer.Ordinal), (await OwnAsync(after, "old", "u4")).Order(StringComparer.Ordinal));
        Assert.Equal(RecommendationOutcome.UserForgotten, (await AskAsync(after, "old", "u5")).Outcome);
        Assert.DoesNotContain("u5", await after.Grains.GetGrain<IRecommenderGrain>("old").ListUsersAsync(0, 100));
        Assert.DoesNotContain(_states.Stored, record => record.Value.AsSpan().IndexOf("u5"u8) >= 0);
    }

    internal static (string User, string Item)[] Rows() =>
        [.. Enumerable.Range(0, 300).Select(i => ($"u{i % Users}", $"i{((i * i) + (i / 7)) % Items}")).Distinct().OrderBy(row => row.Item1 == "u0" ? 0 : 1)];

    internal static async Task RecordAsync(TestFederation federation, string name, HistoryChange change)
    {
        var receipt = await federation.Grains.GetGrain<IHistoryGrain>(name).RecordAsync(change);
        Assert.True(receipt.Outcome == HistoryOutcome.Recorded, receipt.Message);
    }

    internal static Task<RecommendationAnswer> AskAsync(TestFederation federation, string name, string user) =>
        federation.Grains.GetGrain<IRecommenderGrain>(name).RecommendAsync(new RecommendationQuery(user, 50, false, 0));

    private static IEnumerable<(string, string)> NewUsers(Random random) =>
        Enumerable.Range(0, 5).SelectMany(user => Enumerable.Range(0, 4).Select(_ => ($"new{user}", $"i{random.Next(Items)}"))).Distinct();

    private static async Task RecordSomeAsync(TestFederation federation, string name, Random random, Dictionary<string, HashSet<string>> own)
    {
        for (var i = 0; i < 25; i++)
        {
            var (user, item) = ($"u{random.Next(Users - 2)}", $"i{random.Next(Items)}"); // two record nothing
            if (random.Next(3) == 0 && own[user].Count > 1)
            {
                await RecordAsync(federation, name, new(user, HistoryChangeKind.Removed, item));
                own[user].Remove(item);
            }
            else
            {
                await RecordAsync(federation, name, new(user, HistoryChangeKind.Added, item));
                own[user].Add(item);
            }
        }
    }

    /// <summary>The catalogue without what is recommended when everything is asked for.</summary>
    private static async Task<IEnumerable<string>> OwnAsync(TestFederation federation, string name, string user)
    {
        var answer = await AskAsync(federation, name, user);
        Assert.Equal(RecommendationOutcome.Found, answer.Outcome);
        return Enumerable.Range(0, Items).Select(item => $"i{item}").Except(answer.Items.Select(item => item.Item));
    }

    private async Task TrainAsync(TestFederation federation, string name, (string User, string Item)[] rows)
    {
        var file = Path.Combine(_folder.FullName, $"{name}.csv");
        await File.WriteAllLinesAsync(file, ["user,item,split", .. rows.Select(row => $"{row.User},{row.Item},train")]);
        var status = await federation.RunAsync(TestFederation.Request(name, rounds: 1) with
        {
            Learner = "ease",
            LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "20"),
        }, new DataSpec { Path = file });
        Assert.Equal(RunPhase.Completed, status.Phase);
    }
}
