using System.Collections.Immutable;
using FedRec.Contracts.Runs;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Training;

/// <summary>Clipping and robust aggregators through the grains.</summary>
public sealed class UpdateWayTests
{
    [Fact]
    public async Task Run_WithAClipNorm_ClipsAndSaysHowMany()
    {
        await using var federation = await TestFederation.StartAsync(1);

        var free = await federation.RunAsync(Request("mf", "objective=bpr"));
        var runs = new List<RunStatus>();
        foreach (var norm in new[] { 1e-6, 0.15, 0.3, 0.6, 1.2, 2.4, 1e6 })
        {
            runs.Add(await federation.RunAsync(Request("mf", "objective=bpr", new RoundSettings { ClipNorm = norm })));
        }

        var shares = runs.Select(run => run.Rounds[0].ClippedShare).ToArray();
        Assert.Equal((1, 0), (shares[0], shares[^1]));
        Assert.Equal(shares.OrderDescending(), shares);
        Assert.Contains(shares, share => share is > 0 and < 1);
        Assert.All(free.Rounds, round => Assert.Equal(0, round.ClippedShare));
        Assert.Equal(free.Sha256, runs[^1].Sha256);
        Assert.NotEqual(free.Sha256, runs[0].Sha256);
    }

    [Fact]
    public async Task Run_OfTwoTowersWithAClipNorm_LeavesTheRoundOfStatisticsAlone()
    {
        await using var federation = await TestFederation.StartAsync(1);

        var status = await federation.RunAsync(Request("two-tower", "", new RoundSettings { ClipNorm = 1e-6 }));

        Assert.Equal([0, 1, 1], status.Rounds.Select(round => round.ClippedShare));
    }

    [Theory]
    [InlineData("mf", "objective=logistic", "median", 0)]
    [InlineData("mf", "objective=bpr", "trimmed-mean", 0.3)]
    [InlineData("ncf", "", "trimmed-mean", 0)]
    [InlineData("ncf", "", "bounded-mean", 0.5)]
    [InlineData("mf", "objective=bpr", "multi-krum", 0.2)]
    public async Task Run_WithARobustAggregator_GivesTheSameModelOnOneAndOnThreeSilosInBlocks(string learner, string options, string aggregator, double trim)
    {
        var request = Request(learner, options, new RoundSettings { Aggregator = aggregator, Trim = trim, ClipNorm = 1 });
        var data = new DataSpec { SyntheticUsers = 60, SyntheticItems = 30, Parties = 6 };
        await using var one = await TestFederation.StartAsync(1);
        await using var three = await TestFederation.StartAsync(3, configure: silo => silo.Services.Configure<TrainingOptions>(set => set.SumBlockBytes = 1024));

        var alone = await one.RunAsync(request, data);
        var spread = await three.RunAsync(request, data);
        var mean = await one.RunAsync(request with { Rounds = request.Rounds with { Aggregator = "mean", Trim = 0, Weighting = "uniform" } });

        Assert.Equal((RunPhase.Completed, "uniform"), (alone.Phase, alone.Request.Rounds.Weighting));
        Assert.Equal((RunPhase.Completed, alone.Sha256), (spread.Phase, spread.Sha256));
        Assert.NotEqual(mean.Sha256, alone.Sha256);
        Assert.All(alone.Rounds, round => Assert.True(round is { Participants: 6, StepNorm: > 0, Loss: > 0, BytesUp: > 0 }));
        Assert.Equal(alone.Rounds.Select(round => round.BytesUp), spread.Rounds.Select(round => round.BytesUp));
    }

    [Theory]
    [InlineData("ease", "", "median", 0.0, "ease adds up pair_counts")]
    [InlineData("mf", "", "median", 0.0, "mf adds up item_factors and user_gram and user_count")]
    [InlineData("mf", "objective=bpr scaffold=on", "trimmed-mean", 0.0, "mf adds up item_control")]
    [InlineData("two-tower", "", "median", 0.0, "two-tower adds up met")]
    [InlineData("mf", "", "bounded-mean", 0.0, "mf adds up item_factors and user_gram and user_count")]
    [InlineData("mf", "", "mean", 1.0, "clients of mf send exact statistics")]
    [InlineData("ease", "", "mean", 1.0, "clients of ease send exact statistics")]
    [InlineData("mf", "objective=bpr", "mean", -1.0, "clip-norm is -1")]
    [InlineData("mf", "objective=bpr", "mode", 0.0, "There is no aggregator 'mode'; use mean, median, trimmed-mean")]
    public async Task Start_WhatTheLearnerCannotTake_IsRefusedByName(string learner, string options, string aggregator, double norm, string reason)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = Request(learner, options, new RoundSettings { Aggregator = aggregator, ClipNorm = norm });

        var receipt = await federation.StartRunAsync(learner == "ease" ? request with { Rounds = request.Rounds with { Count = 0 } } : request);

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(reason, receipt.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("median", "examples", 0.0, "weighting is examples; it must be uniform with aggregator median")]
    [InlineData("median", "default", 0.2, "trim is 0.2, but aggregator median cuts nothing")]
    [InlineData("trimmed-mean", "default", 0.5, "trim is 0.5")]
    public async Task Start_SettingsThatDoNothing_AreRefused(string aggregator, string weighting, double trim, string reason)
    {
        await using var federation = await TestFederation.StartAsync(1);

        var receipt = await federation.StartRunAsync(
            Request("mf", "objective=bpr", new RoundSettings { Aggregator = aggregator, Weighting = weighting, Trim = trim }));

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(reason, receipt.Message, StringComparison.Ordinal);
    }

    private static RunRequest Request(string learner, string options, RoundSettings? rounds = null) => TestFederation.Request() with
    {
        Learner = learner,
        LearnerOptions = (learner == "ease" ? options : $"dims=4 {options}").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(option => option.Split('=')).ToImmutableSortedDictionary(option => option[0], option => option[1]),
        Rounds = (rounds ?? new RoundSettings()) with { Count = 3 },
    };
}
