using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Parties;
using FedRec.Grains.Tests.Golden;
using FedRec.Grains.Tests.Parties;

namespace FedRec.Grains.Tests.Histories;

/// <summary>What is certified of a forgotten user is signed, true, and nothing of the user.</summary>
public sealed class CertificateTests : IDisposable
{
    private const string User = "somebody-17";
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    // The user comes last, with items that others have: without the user the items have the same numbers.
    public CertificateTests() => File.WriteAllLines(_file, ["user,item,split", .. Enumerable.Range(0, 300)
        .Select(i => (User: i % 20, Item: ((i * i) + (i / 7)) % 15)).Distinct().Select(row => $"u{row.User},i{row.Item},train"), $"{User},i1,train", $"{User},i4,train", $"{User},i9,train"]);

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Certificate_OfWhichAnythingIsChanged_IsNotSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = Samples.All.OfType<ForgettingCertificate>().Single().SignedBy("0f8fad5b", key);
        var members = typeof(ForgettingCertificate).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(member => member.SetMethod is not null).ToArray();

        Assert.True(certificate.IsSigned());
        Assert.True(ForgettingCertificate.TryRead(certificate.Write())!.IsSigned());
        Assert.Equal(certificate.Write(), ForgettingCertificate.TryRead(certificate.Write())!.Write());
        Assert.Equal(16, members.Length);
        Assert.All(members, member =>
        {
            var changed = certificate with { };
            member.SetValue(changed, Other(member.GetValue(certificate)!));
            Assert.False(changed.IsSigned(), member.Name);
        });
        Assert.False((certificate with { PublicKey = Convert.ToBase64String(other.ExportSubjectPublicKeyInfo()) }).IsSigned());
        Assert.NotEqual(certificate.KeySha256(), certificate.SignedBy("0f8fad5b", other).KeySha256());
    }

    [Theory]
    [InlineData("{}", true)]
    [InlineData("null", false)]
    [InlineData("[]", false)]
    [InlineData("no JSON", false)]
    [InlineData("{\"note\":\"not signed\"}", false)]
    [InlineData("{\"versions\":[null]}", false)]
    [InlineData("{\"versions\":null}", false)]
    [InlineData("{\"remains\":[\"a\\nwithout none\"]}", false)]
    public void TryRead_OfAnything_ReadsACertificateOrNothing(string text, bool isRead)
    {
        var read = ForgettingCertificate.TryRead(text);

        Assert.Equal(isRead, read is not null);
        Assert.False(read?.IsSigned() ?? false);
    }

    [Theory]
    [InlineData("ease")]
    [InlineData("mf")]
    public async Task Forget_AUserWhoKeepsTheData_CertifiesItAndTheFirstVersionWithoutTheUser(string learner)
    {
        using var rows = new HostedRows(users: 30, items: 20);
        var user = rows.Changes[0].User;
        var first = default(ForgettingCertificate);
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await HostedFederationTests.ImportAsync(federation, "own", rows.Changes);
            var counting = await federation.RunAsync(HostedFederationTests.Request("own", learner));
            first = await ForgetAsync(federation, "own", user);

            Assert.True(first.IsSigned());
            Assert.Equal((rows.Changes.Count(change => change.User == user), 0, 1, 1), (first.Interactions, first.CountedAfter, first.CountedLast, first.Edition));
            Assert.Equal(new CountingVersion(1, "run-1", counting.Sha256, VersionFate.UntilRetention), Assert.Single(first.Versions));
            Assert.Null(first.Without);
            Assert.Equal(new UserKey(await federation.Grains.GetGrain<IUserRegistryGrain>("own").GetKeyAsync()).Of(user), first.Subject);
            Assert.DoesNotContain($"\"{user}\"", first.Write(), StringComparison.Ordinal);
            Assert.Equal(first.Write(), (await ForgetAsync(federation, "own", user)).Write());
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models);
        Assert.Equal(first.Write(), (await ForgetAsync(again, "own", user)).Write());
        var since = await again.RunAsync(HostedFederationTests.Request("own", learner));
        var second = await ForgetAsync(again, "own", user);

        Assert.True(second.IsSigned());
        Assert.Equal((first.ForgottenAt, first.Interactions, first.KeySha256(), 2), (second.ForgottenAt, second.Interactions, second.KeySha256(), second.Edition));
        Assert.Equal(new VersionWithout(2, "run-2", since.Sha256, learner, Unlearning.Retrained), second.Without);
        Assert.Equal(second.Write(), (await ForgetAsync(again, "own", user)).Write());
        if (learner == "ease") // the very bytes of a federation that never had the user
        {
            await again.Grains.GetGrain<IFederationGrain>("without").HostAsync(hasRatings: false);
            await again.Grains.GetGrain<ICatalogueGrain>("without").AddAsync([.. rows.Changes.Select(change => new CatalogueItem(change.Item!, null, []))]);
            await HostedFederationTests.ImportAsync(again, "without", [.. rows.Changes.Where(change => change.User != user)]);
            Assert.Equal((await again.RunAsync(HostedFederationTests.Request("without", learner))).Sha256, second.Without!.Sha256);
        }
    }

    [Fact]
    public async Task Forget_ALoadedUser_CertifiesThatSumsAreThoseOfDataWithoutTheUser()
    {
        var without = Path.ChangeExtension(_file, ".without.csv");
        await File.WriteAllLinesAsync(without, (await File.ReadAllLinesAsync(_file)).Where(line => !line.StartsWith(User, StringComparison.Ordinal)));
        await using var federation = await TestFederation.StartAsync(1, _states, _models);
        var counting = await federation.RunAsync(s_ease, Data);
        await ForgetAsync(federation, "test", User);

        var subtracted = await federation.RunAsync(s_ease with { WarmStart = counting.Version });
        var certificate = await ForgetAsync(federation, "test", User);
        var never = await federation.RunAsync(s_ease with { Federation = "without" }, new DataSpec { Path = without });

        Assert.Equal(new VersionWithout(2, "run-2", never.Sha256, "ease", Unlearning.Subtracted), certificate.Without);
        Assert.Equal(never.Sha256, subtracted.Sha256);
        Assert.NotEqual(never.Sha256, counting.Sha256);
        Assert.Equal((0, 0, 1), (certificate.Interactions, certificate.CountedAfter, certificate.CountedLast));
        File.Delete(without);
    }

    [Fact]
    public async Task Forget_ALearnerThatTrainsOn_CertifiesThatTheVersionMayRemember_UntilOneIsTrainedAfresh()
    {
        await using var federation = await TestFederation.StartAsync(1, _states, _models);
        var request = TestFederation.Request(rounds: 2);
        await federation.RunAsync(request, Data);
        await ForgetAsync(federation, "test", User);

        await federation.RunAsync(request with { WarmStart = 1 });
        await federation.RunAsync(request with { WarmStart = 2 });
        var continued = await ForgetAsync(federation, "test", User);
        await federation.RunAsync(request);
        await federation.RunAsync(request with { WarmStart = 4 });
        var retrained = await ForgetAsync(federation, "test", User);

        Assert.Equal((2, Unlearning.Continued), (continued.Without!.Version, continued.Without.How));
        Assert.Equal((4, Unlearning.Retrained), (retrained.Without!.Version, retrained.Without.How));
    }

    [Fact]
    public async Task Forget_AndRetire_DeletesVersionsThatCountedTheUserAndGoesOnServing()
    {
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await federation.RunAsync(s_ease, Data);
            await federation.RunAsync(s_ease);
            await federation.RunAsync(s_ease);
            var kept = await ForgetAsync(federation, "test", User);
            var retired = await ForgetAsync(federation, "test", User, retires: true);

            Assert.Equal([VersionFate.UntilRetention, VersionFate.UntilRetention, VersionFate.UntilRetention], kept.Versions.Select(version => version.Fate));
            Assert.Equal([VersionFate.Deleted, VersionFate.UntilReplaced, VersionFate.UntilReplaced], retired.Versions.Select(version => version.Fate)); // 2 was in use a moment ago
            Assert.True(retired.IsSigned() && retired.Retires);
            Assert.Null(await _models.LoadManifestAsync("test", 1));
            Assert.Equal((RecommendationOutcome.Found, 3L), await ServedAsync(federation));
            await federation.RunAsync(s_ease);
            Assert.Equal((RecommendationOutcome.Found, 4L), await ServedAsync(federation));
            Assert.NotNull(await _models.LoadManifestAsync("test", 3)); // who has not heard of the change yet goes on with it
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models);
        var certificate = await ForgetAsync(again, "test", User);

        Assert.Equal([VersionFate.Deleted, VersionFate.Deleted, VersionFate.Deleted], certificate.Versions.Select(version => version.Fate));
        Assert.Equal((4, Unlearning.Retrained), (certificate.Without!.Version, certificate.Without.How));
        Assert.Null(await _models.LoadManifestAsync("test", 3));
        Assert.Equal((RecommendationOutcome.Found, 4L), await ServedAsync(again));
    }

    [Fact]
    public async Task Forget_WhileARunGoesOn_SaysSoAndRetiresWhatThatPublishes()
    {
        await using var federation = await TestFederation.StartAsync(1, _states, _models);
        var (asked, answered) = (new TaskCompletionSource(), new TaskCompletionSource());
        federation.Gate.Before = async call =>
        {
            if (call is { Grain: IClientGrain, MethodName: nameof(IClientGrain.TrainAsync) } && call.Request.GetArgument(0) is TrainOrder { RunKey: "test/run-1", Round: 2 })
            {
                asked.TrySetResult();
                await answered.Task;
            }
        };
        await federation.StartRunAsync(TestFederation.Request(rounds: 3), Data);
        await asked.Task;
        var open = await ForgetAsync(federation, "test", User, retires: true);
        answered.SetResult();
        await federation.WaitAsync("test", "run-1");
        await federation.WaitUntilIdleAsync();

        var published = await ForgetAsync(federation, "test", User);

        Assert.Empty(open.Versions);
        Assert.Contains(open.Remains, place => place.StartsWith("run-1, which had begun", StringComparison.Ordinal));
        Assert.Equal([(1L, VersionFate.UntilReplaced)], published.Versions.Select(version => (version.Version, version.Fate)));
        Assert.DoesNotContain(published.Remains, place => place.StartsWith("run-1", StringComparison.Ordinal));
        Assert.Equal((RecommendationOutcome.Found, 1), await ServedAsync(federation));
    }

    [Fact]
    public async Task Forget_AUserOfWhomTheLearnerKeepsSomething_ErasesThat()
    {
        await using var federation = await TestFederation.StartAsync(1, _states, _models);
        await federation.RunAsync(TestFederation.Request(rounds: 2) with
        {
            LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("dims", "8").Add("objective", "logistic").Add("scaffold", "on"),
        }, Data);
        await federation.WaitUntilIdleAsync();
        var before = Kept(federation);

        var certificate = await ForgetAsync(federation, "test", User);

        Assert.Equal((21, 20, 1), (before, Kept(federation), certificate.KeptStates));
        Assert.Equal(1, (await ForgetAsync(federation, "test", User)).KeptStates);
    }

    [Fact]
    public async Task Forget_CutOffBeforeTheCertificate_SaysTheNextTimeThatTheNumberIsNotKnown()
    {
        await using var federation = await TestFederation.StartAsync(1, _states, _models);
        await federation.RunAsync(s_ease, Data);
        await OwnHistoryTests.RecordAsync(federation, "test", new(User, HistoryChangeKind.Added, "i2"));
        _states.FailWritesOf = "forgetting";
        await Assert.ThrowsAnyAsync<Exception>(() => ForgetAsync(federation, "test", User));
        _states.FailWritesOf = null;

        var certificate = await ForgetAsync(federation, "test", User);

        Assert.True(certificate.IsSigned());
        Assert.Equal((null, 1), (certificate.Interactions, certificate.Edition));
        Assert.Contains("interactions unknown\n", System.Text.Encoding.UTF8.GetString(certificate.Statement()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forget_SomebodyWhoIsNotThere_CertifiesNothing()
    {
        await using var federation = await TestFederation.StartAsync(1, _states, _models);
        await federation.RunAsync(s_ease, Data);

        var answer = await federation.Grains.GetGrain<IHistoryGrain>("test").ForgetAsync("nobody", retires: true);

        Assert.Equal((HistoryOutcome.UnknownUser, null), (answer.Receipt.Outcome, answer.Certificate));
        Assert.DoesNotContain(_states.Stored.Keys, key => key.StartsWith("forgetting-", StringComparison.Ordinal));
    }

    private static object Other(object value) => value switch
    {
        string text => text + "A",
        int number => number + 1,
        bool flag => !flag,
        DateTimeOffset time => time.AddTicks(1),
        ImmutableArray<CountingVersion> versions => versions.SetItem(0, versions[0] with { Fate = VersionFate.Deleted }),
        ImmutableArray<string> places => places.Add("nowhere"),
        VersionWithout without => without with { Sha256 = "00" },
        _ => throw new NotSupportedException(value.GetType().Name),
    };

    private static async Task<ForgettingCertificate> ForgetAsync(TestFederation federation, string name, string user, bool retires = false)
    {
        var answer = await HostedFederationTests.History(federation, name).ForgetAsync(user, retires);
        Assert.True(answer.Receipt.Outcome == HistoryOutcome.Recorded, answer.Receipt.Message);
        return answer.Certificate!;
    }

    private static async Task<(RecommendationOutcome Outcome, long Version)> ServedAsync(TestFederation federation)
    {
        var serving = (await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync()).Serving;
        var answer = await federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery("u3", 5, Explain: false, 0));
        await Waiting.UntilAsync(async () => (answer = await federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery("u3", 5, Explain: false, 0))).Version == serving);
        return (answer.Outcome, answer.Version);
    }

    private int Kept(TestFederation federation) => _states.Stored.Where(record => record.Key.StartsWith("client-", StringComparison.Ordinal))
        .Count(record => federation.Serializer.Deserialize<ClientState>(record.Value)!.Kept is not null);

    private DataSpec Data => new() { Path = _file };

    private static readonly RunRequest s_ease = TestFederation.Request(rounds: 1) with
    {
        Learner = "ease",
        LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "20"),
        Promote = PromotionPolicy.Always,
    };
}
