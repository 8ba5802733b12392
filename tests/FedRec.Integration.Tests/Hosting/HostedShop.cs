using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;

namespace FedRec.Integration.Tests.Hosting;

/// <summary>What a host does with FedRec's grains: trains a small federation, and asks it.</summary>
internal sealed class HostedShop(IGrainFactory grains)
{
    public const string Name = "shop";
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(10);

    /// <summary>Trains to the end.</summary>
    /// <returns>The version.</returns>
    public async Task<long> TrainAsync(int rounds = 2)
    {
        await grains.GetGrain<IFederationGrain>(Name).SimulateAsync(new DataSpec { SyntheticUsers = 30, SyntheticItems = 24 });
        var receipt = await grains.GetGrain<IFederationGrain>(Name).StartRunAsync(new RunRequest
        {
            Federation = Name,
            Learner = "mf",
            LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("dims", "4"),
            Rounds = new RoundSettings { Count = rounds },
        });
        var run = grains.GetGrain<IRunGrain>($"{Name}/{receipt.RunId}");
        for (long after = 0; ;)
        {
            var events = await run.ReadEventsAsync(after, s_wait);
            after = events.Events.IsEmpty ? after : events.Events[^1].Id;
            if (events.Ended && events.Events.IsEmpty)
            {
                var status = (await run.GetStatusAsync())!;
                Assert.Equal(RunPhase.Completed, status.Phase);
                return status.Version;
            }
        }
    }

    /// <summary>Tells what a user has met beside the data.</summary>
    public async Task MeetAsync(string user, string item)
    {
        await grains.GetGrain<IFederationGrain>(Name).SimulateAsync(new DataSpec { SyntheticUsers = 30, SyntheticItems = 24 });
        var receipt = await grains.GetGrain<IHistoryGrain>(Name).RecordAsync(new HistoryChange(user, HistoryChangeKind.Added, item));
        Assert.Equal(HistoryOutcome.Recorded, receipt.Outcome);
    }

    /// <summary>Version, items and scores for a user.</summary>
    public async Task<string> AskAsync(string user)
    {
        var answer = await grains.GetGrain<IRecommenderGrain>(Name).RecommendAsync(new RecommendationQuery(user, 5, Explain: true, Version: 0));
        Assert.Equal(RecommendationOutcome.Found, answer.Outcome);
        return $"{answer.Version}: {string.Join(", ", answer.Items.Select(item => $"{item.Item} {item.Score:R} ({string.Join('+', item.Reasons.Select(reason => reason.Title))})"))}";
    }

    /// <summary>Some user of the federation, and an item that the user is recommended.</summary>
    public async Task<(string User, string Item)> SomebodyAsync()
    {
        var recommender = grains.GetGrain<IRecommenderGrain>(Name);
        var user = (await recommender.FindUsersAsync("", 1))[0];
        return (user, (await recommender.RecommendAsync(new RecommendationQuery(user, 1, Explain: false, Version: 0))).Items[0].Item);
    }
}
