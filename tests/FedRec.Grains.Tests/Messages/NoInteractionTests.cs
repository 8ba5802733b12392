using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace FedRec.Grains.Tests.Messages;

/// <summary>What leaves a client during a run holds no interaction. Answers to recommendation requests are not part of a run:
/// they are the user's own and name the user's own items.</summary>
public sealed class NoInteractionTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();
    private readonly Interactions _interactions;

    public NoInteractionTests()
    {
        Interactions.Write(_file);
        var dataset = DatasetSource.Open(new DatasetOptions { Path = _file, HoldOutValidation = true });
        _interactions = new Interactions(dataset, _services.GetRequiredService<Serializer>());
    }

    public void Dispose()
    {
        File.Delete(_file);
        _services.Dispose();
    }

    [Theory]
    [InlineData("mf", "objective", "least-squares", 4)]
    [InlineData("mf", "objective", "logistic", 4)]
    [InlineData("mf", "objective", "bpr", 4)]
    [InlineData("ncf", "model", "neumf", 4)]
    [InlineData("two-tower", "dims", "8", 4)]
    [InlineData("ease", "lambda", "0", 7)]
    [InlineData("mf", "objective", "logistic", 4, "fine-tune")]
    [InlineData("mf", "objective", "least-squares", 4, "additive")]
    [InlineData("ncf", "model", "gmf", 4, "interpolate")]
    [InlineData("ncf", "model", "gmf", 4, "clusters")]
    public async Task Run_OnThreeSilos_SendsNoInteraction(string learner, string option, string value, int rounds, string personalization = "none")
    {
        await using var federation = await TestFederation.StartAsync(3);
        var calls = new CapturedCalls();
        calls.Watch(federation.Gate);

        var status = await federation.RunAsync(Request(learner, rounds, (option, value)) with
        {
            Personalization = personalization switch
            {
                "none" => null,
                "clusters" => new PersonalizationSettings { Method = personalization },
                _ => new PersonalizationSettings { Method = personalization, Steps = 2 },
            },
        }, new DataSpec { Path = _file });

        Assert.Equal((RunPhase.Completed, 1L, rounds), (status.Phase, status.Version, status.RoundsDone));
        Assert.Contains(status.Evaluations, evaluation => evaluation.OnValidation);
        Assert.Contains(status.Evaluations, evaluation => !evaluation.OnValidation);
        Assert.Superset(
            new HashSet<string> { "TrainAsync", "EvaluateAsync", "SubmitAsync", "FlushAsync", "TakeEvaluationAsync", "ForgetAsync", "CommitAsync", "StartAsync" },
            calls.Calls.Select(call => call.Split('.')[^1]).ToHashSet());
        Assert.Empty(calls.Messages.SelectMany(sent => MessageTypes.UnknownIn(sent.Message).Select(type => $"{sent.Call}: {type}")).Distinct());
        Assert.Empty(calls.Messages.SelectMany(sent => _interactions.FindIn(sent.Message).Select(found => $"{sent.Call}: {found}")).Distinct());
    }

    [Theory]
    [InlineData("mf", "objective", "least-squares", 4)]
    [InlineData("ease", "lambda", "20", 1)]
    public async Task Run_OfClientsThatKeepTheirDataThemselves_SendsNoInteraction(string learner, string option, string value, int rounds)
    {
        await using var federation = await TestFederation.StartAsync(3);
        var events = File.ReadLines(_file).Skip(1).Select(line => line.Split(',')).Select(row =>
            new HistoryChange(row[0], HistoryChangeKind.Added, row[1]) { Time = long.Parse(row[2], System.Globalization.CultureInfo.InvariantCulture) });
        await federation.Grains.GetGrain<IHistoryGrain>("test").ImportAsync([.. events]);
        var calls = new CapturedCalls();
        calls.Watch(federation.Gate);

        var options = learner == "ease" ? ("kernel", "5") : (option, value);
        var status = await federation.RunAsync(Request(learner, rounds, (option, value)) with
        {
            LearnerOptions = Request(learner, rounds, (option, value)).LearnerOptions.SetItem(options.Item1, options.Item2).SetItem("recency", "5"),
        });

        Assert.Equal((RunPhase.Completed, 1L, 48), (status.Phase, status.Version, status.Clients));
        Assert.Contains(status.Evaluations, evaluation => evaluation is { OnValidation: false, Users: > 0 });
        Assert.Empty(calls.Messages.SelectMany(sent => MessageTypes.UnknownIn(sent.Message).Select(type => $"{sent.Call}: {type}")).Distinct());
        Assert.Empty(calls.Messages.Where(sent => sent.Call != $"{nameof(ICatalogueGrain)}.{nameof(ICatalogueGrain.ReadAsync)}") // the items are public, and in its order
            .SelectMany(sent => _interactions.FindIn(sent.Message).Select(found => $"{sent.Call}: {found}")).Distinct());
    }

    public static TheoryData<string> Leaks { get; } = ["user id", "item id", "history", "a history among others", "history as int32", "history as varints", "held-out item"];

    [Theory]
    [MemberData(nameof(Leaks))]
    public void FindIn_AMessageWithAnInteraction_FindsIt(string leak)
    {
        var history = _interactions.HistoryOf(7);
        object message = leak switch
        {
            "user id" => new RunEvent { Kind = "round.done", Text = $"trained {Interactions.UserMark}-0007" },
            "item id" => new RunReceipt(RunOutcome.Started, "run-1", $"{Interactions.ItemMark}-0003"),
            "history" => new EvaluateOrder(Guid.Empty, new ModelReference("a/b", 1, 0), [.. history], false),
            "a history among others" => new EvaluateOrder(Guid.Empty, new ModelReference("a/b", 1, 0), [.. history.Reverse(), 69, 68], false),
            "history as int32" => new ParameterSlice(0, Bytes([1], history, [2])),
            "history as varints" => new PartialSum { Round = 1, BaseVersion = 0, Values = history.Select(item => (byte)item).ToArray() },
            _ => new ContentSlice(8, Bytes([7], [_interactions.HeldOutOf(7)])),
        };

        Assert.NotEmpty(_interactions.FindIn(message));
    }

    [Fact]
    public void FindIn_AHistoryInAList_FindsItInTheBytesToo()
    {
        var message = new EvaluateOrder(Guid.Empty, new ModelReference("a/b", 1, 0), [.. _interactions.HistoryOf(7)], false);

        Assert.Contains("the history of user 7 as Orleans writes a list in the bytes", _interactions.FindIn(message));
    }

    [Fact]
    public void FindIn_AMessageWithoutOne_FindsNothing()
    {
        var message = new PartialSum { Round = 1, BaseVersion = 0, Clients = [.. Enumerable.Range(0, 48)], Values = new byte[800] };

        Assert.Empty(_interactions.FindIn(message));
    }

    [Fact]
    public void UnknownIn_ATypeThatNobodyHasLookedAt_NamesIt()
    {
        Assert.Equal(["RecommendOrder"], MessageTypes.UnknownIn(new RecommendOrder(new ModelReference("a/b", 1, 0), "u", 2, true)));
        Assert.Equal(["Int32[]"], MessageTypes.UnknownIn(new[] { 1, 2 }));
    }

    private static RunRequest Request(string learner, int rounds, (string Name, string Value) option) => new()
    {
        Federation = "test",
        HoldOutValidation = true,
        Learner = learner,
        LearnerOptions = (learner == "ease" ? ImmutableSortedDictionary<string, string>.Empty : ImmutableSortedDictionary<string, string>.Empty.Add("dims", "8")).Add(option.Name, option.Value),
        Rounds = new RoundSettings { Count = rounds },
        EvaluateEvery = 2,
    };

    private static byte[] Bytes(params int[][] parts) => [.. parts.SelectMany(part => part).SelectMany(BitConverter.GetBytes)];
}
