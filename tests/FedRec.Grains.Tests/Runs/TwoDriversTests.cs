using System.Collections.Immutable;
using System.Globalization;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Personalization;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;
using FedRec.Scenarios;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Runs;

/// <summary>There is one algorithm with two drivers: a cluster of two silos and a loop on one thread make the same bytes, whatever a run asks for.</summary>
public sealed class TwoDriversTests
{
    [Theory]
    [InlineData("mf", "dims=4 objective=logistic", "")]
    [InlineData("mf", "dims=4 objective=logistic", "cohort=30 goal=20 dropout=0.1 straggler=0.1")]
    [InlineData("mf", "dims=4 objective=bpr scaffold=on", "cohort=30 dropout=0.2 straggler=0.1")]
    [InlineData("mf", "dims=4 objective=bpr", "topk=0.1 cohort=30 goal=25 dropout=0.1 straggler=0.2")]
    [InlineData("mf", "dims=4 objective=bpr", "weighting=loss cap=0.5")]
    [InlineData("mf", "dims=4 objective=logistic", "weighting=examples share=0.03")]
    [InlineData("mf", "dims=4 objective=logistic", "clip=0.05 optimizer=yogi")]
    [InlineData("mf", "dims=4 objective=logistic", "aggregator=trimmed-mean cohort=30")]
    [InlineData("mf", "dims=4 objective=bpr", "aggregator=row-trimmed-mean cohort=30")]
    [InlineData("mf", "dims=4", "parties=5 share=0.3 weighting=examples")]
    [InlineData("mf", "dims=4 objective=logistic", "clusters=on cohort=40")]
    [InlineData("two-tower", "dims=4", "cohort=40 dropout=0.1")]
    [InlineData("mf", "dims=4 objective=logistic", "mode=async cohort=20 goal=5 dropout=0.1 straggler=0.3")]
    [InlineData("mf", "dims=4 objective=bpr", "mode=async cohort=40 goal=1 staleness=2 straggler=0.3 optimizer=yogi")]
    [InlineData("mf", "dims=4", "mode=async goal=12 straggler=0.2")]
    [InlineData("two-tower", "dims=4", "mode=async cohort=10 clip=0.5")]
    [InlineData("ease", "", "")]
    [InlineData("ease", "sketch=8 lambda=0", "")]
    public async Task Run_InAClusterAndInALoop_GivesTheSameBytes(string learner, string options, string settings)
    {
        await using var cluster = await TestFederation.StartAsync(2, configure: silo => silo.Services.Configure<TrainingOptions>(options => options.AskInBatches = true));

        var status = await cluster.RunAsync(Request(learner, options, Pairs(settings)), new DataSpec { SyntheticUsers = 48, SyntheticItems = 40, Parties = int.Parse(Pairs(settings).GetValueOrDefault("parties", "0"), CultureInfo.InvariantCulture) });

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.Equal(status.Sha256, InLoop(status.Request, status.Source.Simulated!));
    }

    private static string InLoop(RunRequest request, DataSpec data)
    {
        var dataset = MadeUpData.Open(RunRequests.ToDatasetOptions(data, holdOutValidation: false));
        var partition = data.Parties > 0 ? ClientPartition.Dealt(dataset, data.Parties, request.Seed) : ClientPartition.PerUser(dataset);
        var rounds = request.Rounds;
        var learner = Personalizations.Around(
            LearnerRegistry.Create(request.Learner, request.LearnerOptions, FederationShape.Of(dataset, partition.Count)), RunRequests.ToOptions(request.Personalization), rounds.Count);
        var way = UpdateWay.For(learner, FederationParts.BuiltIn(), new UpdateSettings(rounds.ClipNorm, rounds.Aggregator, rounds.Trim, rounds.Steps), partition.Count);
        var federation = new InProcessFederation(
            learner, round => ServerOptimizers.Create(request.ServerOptimizer, round, rounds.Count), ClientWeighting.Parse(rounds.Weighting, rounds.WeightCap))
        {
            Aggregator = way.Aggregator,
            Steps = way.Steps,
            Cohort = RunRequests.ToOptions(rounds),
            MaxShare = rounds.MaxShare,
            Rules = RunRequests.ToRules(rounds),
            Faults = new SimulatedFaults(rounds.Dropout, rounds.Straggler),
        };
        return Safetensors.Sha256(ModelFiles.WriteTensors(learner, federation.Train([.. partition.Clients], rounds.Count, request.Seed)));
    }

    private static RunRequest Request(string learner, string options, ImmutableSortedDictionary<string, string> settings)
    {
        double Number(string name) => double.Parse(settings.GetValueOrDefault(name, "0"), CultureInfo.InvariantCulture);
        return new RunRequest
        {
            Federation = "test",
            Learner = learner,
            LearnerOptions = Pairs(options),
            Rounds = new RoundSettings
            {
                Mode = settings.GetValueOrDefault("mode"),
                MaxStaleness = settings.ContainsKey("staleness") ? (int)Number("staleness") : null,
                Count = learner == "ease" ? 0 : settings.ContainsKey("mode") ? 12 : 5,
                CohortSize = (int)Number("cohort"),
                ReportGoal = (int)Number("goal"),
                Dropout = Number("dropout"),
                Straggler = Number("straggler"),
                Weighting = settings.GetValueOrDefault("weighting", "default"),
                WeightCap = Number("cap"),
                MaxShare = Number("share"),
                ClipNorm = Number("clip"),
                Steps = settings.TryGetValue("topk", out var share) ? $"topk={share},int8,zstd" : null,
                Aggregator = settings.GetValueOrDefault("aggregator", "mean"),
            },
            ServerOptimizer = new ServerOptimizerSettings { Name = settings.GetValueOrDefault("optimizer", "default") },
            Personalization = settings.ContainsKey("clusters") ? new PersonalizationSettings { Method = "clusters" } : null,
            Seed = 11,
        };
    }

    private static ImmutableSortedDictionary<string, string> Pairs(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToImmutableSortedDictionary(pair => pair[0], pair => pair[1]);
}
