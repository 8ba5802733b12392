using System.Collections.Immutable;
using System.Globalization;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace FedRec.Grains.Tests.Messages;

/// <summary>Two parties know the same people, one what they viewed and one what they bought: they train together, and no event moves.</summary>
public sealed class PartyKindTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedrec-test-");
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public PartyKindTests()
    {
        var file = Path.Combine(_folder.FullName, "rows.txt");
        Interactions.Write(file);
        var rows = File.ReadAllLines(file).Skip(1).Select(line => line.Split(',')).ToArray();
        Write("bought", rows, shift: 0, row => "purchase");
        Write("seen", rows, shift: 17, row => row % 2 == 0 ? "view" : "cart");
    }

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _services.Dispose();
    }

    [Theory]
    [InlineData("mf", "objective", "least-squares")]
    [InlineData("mf", "objective", "logistic")]
    [InlineData("ncf", "loss", "softmax")]
    [InlineData("ease", "lambda", "200")]
    public async Task Run_PartiesWithOtherKindsOfTheSamePeople_TrainsAndSendsNoInteraction(string learner, string option, string value)
    {
        var dataset = DatasetSource.Open(new DatasetOptions { Path = _folder.FullName });
        var interactions = new Interactions(dataset, _services.GetRequiredService<Serializer>());
        await using var federation = await TestFederation.StartAsync(2);
        var calls = new CapturedCalls();
        calls.Watch(federation.Gate);

        var status = await federation.RunAsync(Request(learner, learner == "ease" ? 1 : 2, (option, value)), Data);

        Assert.Equal((RunPhase.Completed, 2, 96), (status.Phase, status.Clients, status.Users));
        Assert.Contains("purchase 1", status.Protocol, StringComparison.Ordinal);
        Assert.Equal(48, DatasetProfile.Of(dataset).SharedPeople);
        Assert.NotEmpty(status.Evaluations);
        Assert.Empty(calls.Messages.SelectMany(sent => MessageTypes.UnknownIn(sent.Message)).Distinct());
        Assert.Empty(calls.Messages.SelectMany(sent => interactions.FindIn(sent.Message).Select(found => $"{sent.Call}: {found}")).Distinct());
    }

    [Fact]
    public async Task Run_WeightsOfOneForAll_GivesOtherBytesThanTheDefaultsAndEaseTakesNoOtherWeights()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = Request("mf", 2, ("objective", "least-squares"));

        var weighted = await federation.RunAsync(request, Data);
        var alike = await federation.RunAsync(request with { Federation = "alike" }, Data with { KindWeights = "view=1,cart=1" });
        var refused = await federation.StartRunAsync(
            Request("ease", 1, ("lambda", "200")) with { Federation = "ease" }, Data with { KindWeights = "view=0.5" });

        Assert.NotEqual(weighted.Sha256, alike.Sha256);
        Assert.Equal(RunOutcome.Invalid, refused.Outcome);
        Assert.Contains("kind-weights is view=0.5; it must be weights of 0 and 1", refused.Message, StringComparison.Ordinal);
    }

    private DataSpec Data => new() { Path = _folder.FullName };

    private static RunRequest Request(string learner, int rounds, (string Name, string Value) option) => new()
    {
        Federation = "test",
        Learner = learner,
        LearnerOptions = (learner == "ease" ? ImmutableSortedDictionary<string, string>.Empty : ImmutableSortedDictionary<string, string>.Empty.Add("dims", "8")).Add(option.Name, option.Value),
        Rounds = new RoundSettings { Count = rounds },
    };

    private void Write(string party, string[][] rows, int shift, Func<int, string> kindOf)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, party));
        var lines = rows.Select((row, number) => string.Create(CultureInfo.InvariantCulture,
            $"{row[0]},{Interactions.ItemMark}-{(int.Parse(row[1][^4..], CultureInfo.InvariantCulture) + shift) % 70:D4},{row[2]},{kindOf(number)}"));
        File.WriteAllLines(Path.Combine(folder.FullName, "interactions.csv"), ["user,item,timestamp,kind", .. lines]);
    }
}
