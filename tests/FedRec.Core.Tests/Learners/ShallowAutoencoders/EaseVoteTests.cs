using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.ShallowAutoencoders;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Learners.ShallowAutoencoders;

public sealed class EaseVoteTests
{
    private const int Items = 40;
    private const int Users = 300;
    private static readonly UserItems s_walks = Walks(shuffled: false);

    [Theory]
    [InlineData(KernelUnit.Items)]
    [InlineData(KernelUnit.Days)]
    public void Learn_OrderMatters_ChoosesItAndCountsEverybodysItemsUnderIt(KernelUnit unit)
    {
        var learner = Create(new EaseOptions { KernelUnit = unit });
        var parameters = Counted.Learn(learner, 7, Counted.Tasks(s_walks, Items));

        var chosen = learner.Chosen(parameters.Span);

        Assert.True(learner.IsComplete(learner.PhaseOf(parameters.Span)));
        Assert.True(chosen["recency"] > 0);
        var given = Create(new EaseOptions { Lambda = chosen["lambda"], Kernel = chosen["kernel"], ItemDropout = chosen["item-dropout"], Recency = chosen["recency"], KernelUnit = unit });
        AssertSameScores(learner, parameters, given, Counted.Learn(given, 1, Counted.Tasks(s_walks, Items)));
    }

    [Fact]
    public void Votes_OfAVersion_AreTheSumsThatDecided()
    {
        var learner = Create(new EaseOptions());
        var parameters = Counted.Learn(learner, 7, Counted.Tasks(s_walks, Items));

        var (votes, chosen) = (learner.Votes(parameters.Span), learner.Chosen(parameters.Span));

        Assert.Equal(15, votes.Count); // three κ and five τ
        var best = votes.MaxBy(one => (float)(one.Value / (one.Key.Contains("kernel 0, recency 0,", StringComparison.Ordinal) ? 1 : 1.02) / (one.Key.EndsWith("dropout 0", StringComparison.Ordinal) ? 1 : 1.01))).Key;
        Assert.Equal(string.Create(CultureInfo.InvariantCulture,
            $"lambda {chosen["lambda"]}, kernel {chosen["kernel"]}, recency {chosen["recency"]}, item-dropout {chosen["item-dropout"]}"), best);
        Assert.All(votes.Values, sum => Assert.InRange(sum, float.Epsilon, Users)); // each holds one item out, which is found with 1 at most
    }

    [Fact]
    public void Votes_ItemDropoutThatWinsByLessThanItMust_AreThoseWithoutIt()
    {
        var vote = new EaseVote(new EaseOptions { Kernel = 0, Recency = 0 }, hasOrder: true);
        var (sums, close, clear) = (new float[vote.Candidates], 1.009f, 1.011f);
        (sums[4], sums[5]) = (100, 100 * close); // λ of 100 without and with it

        Assert.Equal(("lambda 100, kernel 0, recency 0, item-dropout 0", 100.0), (vote.Best(sums).Single().Key, vote.Best(sums).Single().Value));
        sums[5] = 100 * clear;
        Assert.Equal("lambda 100, kernel 0, recency 0, item-dropout 0.1875", vote.Best(sums).Single().Key);
    }

    [Fact]
    public void Votes_WhereNothingIsChosen_AreNone()
    {
        var given = Create(new EaseOptions { Lambda = 3, Kernel = 4, Recency = 2 });

        Assert.Empty(given.Votes(Counted.Learn(given, 1, Counted.Tasks(s_walks, Items)).Span));
        Assert.Empty(Create(new EaseOptions()).Votes(Create(new EaseOptions()).Initialize(1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Learn_TimesShuffledWithinEachUser_LeavesTheOrderAlone(int seed)
    {
        var learner = Create(new EaseOptions());

        var chosen = learner.Chosen(Counted.Learn(learner, 7, Counted.Tasks(Walks(shuffled: true, (ulong)seed), Items)).Span);

        Assert.Equal((0, 0), (chosen["kernel"], chosen["recency"]));
    }

    [Fact]
    public void Learn_WithoutTimes_ChoosesInThreeRounds()
    {
        var data = new UserItems([.. Enumerable.Range(0, Users + 1).Select(user => user * 8)], [.. Enumerable.Range(0, Users).SelectMany(user => s_walks.Items(user).ToArray())]);
        var learner = new Ease(new EaseOptions(), new FederationShape(Items) { Users = Users });

        var parameters = Counted.Learn(learner, 3, Counted.Tasks(data, Items));

        Assert.True(learner.IsComplete(learner.PhaseOf(parameters.Span)));
        Assert.Equal((0, 0), (learner.Chosen(parameters.Span)["kernel"], learner.Chosen(parameters.Span)["recency"]));
    }

    [Fact]
    public void Learn_WhileUsersChoose_WhatTheyHoldOutIsNotInTheCounts()
    {
        var learner = Create(new EaseOptions { Kernel = 0 });
        var rest = new List<int>();
        for (var user = 0; user < Users; user++)
        {
            var (items, ages) = (s_walks.Items(user).ToArray(), s_walks.Ages(user).ToArray());
            rest.AddRange(items.Where((_, i) => ages[i] > 0)); // of eight items the newest is held out
        }

        var counts = Counted.Learn(learner, 2, Counted.Tasks(s_walks, Items));

        var kept = new UserItems([.. Enumerable.Range(0, Users + 1).Select(user => user * 7)], [.. rest]);
        var given = new Ease(new EaseOptions { Lambda = 1 }, new FederationShape(Items) { Users = Users });
        var unit = (float)Ease.UnitFor(Users);
        Assert.Equal(Counted.Learn(given, 1, Counted.Tasks(kept, Items)).Span[..820].ToArray(), counts.Span[..820].ToArray().Select(count => count / unit));
    }

    [Fact]
    public void Learn_UsersOfOneClientOrOfMany_GivesTheSameBytes()
    {
        var learner = Create(new EaseOptions());
        var together = new LocalTask(new ClientData(s_walks, Enumerable.Range(0, Users).ToArray(), Items), default);

        Assert.True(Counted.Learn(learner, 7, together).Span.SequenceEqual(Counted.Learn(learner, 7, Counted.Tasks(s_walks, Items)).Span));
    }

    [Fact]
    public void Learn_UsersOfAClientInAnyOrder_GivesTheSameBytes()
    {
        var learner = Create(new EaseOptions());
        var data = Counted.Random(Users, Items, 1);
        ReadOnlyMemory<float> AfterTheFirstVotes(int[] users) => Counted.Learn(learner, 2, new LocalTask(new ClientData(data, users, Items), default));
        var users = Enumerable.Range(0, Users).ToArray();
        var inOrder = AfterTheFirstVotes(users);

        for (var seed = 1UL; seed <= 5; seed++)
        {
            new SeededRandom(seed).Shuffle<int>(users);

            Assert.True(AfterTheFirstVotes(users).Span.SequenceEqual(inOrder.Span));
        }
    }

    [Fact]
    public void Round_AfterTheChoice_TakesAChangeInAsTrainingUnderTheSameChoiceWould()
    {
        var learner = Create(new EaseOptions());
        var parameters = Counted.Learn(learner, 7, Counted.Tasks(s_walks, Items));
        var later = Walks(shuffled: true, 7);
        var changes = Counted.Tasks(later, Items).Zip(Counted.Tasks(s_walks, Items), (now, before) => now with { Counted = before.Data });

        var updated = Counted.Round(learner, parameters, changes);

        var chosen = learner.Chosen(parameters.Span);
        var given = Create(new EaseOptions { Lambda = chosen["lambda"], Kernel = chosen["kernel"], ItemDropout = chosen["item-dropout"], Recency = chosen["recency"] });
        AssertSameScores(learner, updated, given, Counted.Learn(given, 1, Counted.Tasks(later, Items)));
    }

    private static Ease Create(EaseOptions options) => new(options, new FederationShape(Items) { Users = Users, HasTimes = true });

    private static void AssertSameScores(Ease one, ReadOnlyMemory<float> version, Ease other, ReadOnlyMemory<float> otherVersion)
    {
        var (left, right) = (new float[Items], new float[Items]);
        using var worker = one.CreateWorker();
        using var otherWorker = other.CreateWorker();
        for (var user = 0; user < 20; user++)
        {
            worker.Score(one.Prepare(version), s_walks.History(user), left);
            otherWorker.Score(other.Prepare(otherVersion), s_walks.History(user), right);
            Assert.Equal(right, left);
        }
    }

    /// <summary>Users who walk along the items: the next one is near the last one.</summary>
    private static UserItems Walks(bool shuffled, ulong seed = 1)
    {
        var random = new SeededRandom(seed);
        var (items, times) = (new List<int>(), new List<long>());
        for (var user = 0; user < Users; user++)
        {
            var start = random.NextInt32(Items);
            var walk = Enumerable.Range(0, 8).Select(step => (Item: (start + (3 * step)) % Items, Time: 86_400L * step)).ToArray();
            if (shuffled)
            {
                var order = walk.Select(step => step.Time).ToArray();
                random.Shuffle<long>(order);
                walk = [.. walk.Zip(order, (step, time) => (step.Item, time))];
            }

            items.AddRange(walk.OrderBy(step => step.Item).Select(step => step.Item));
            times.AddRange(walk.OrderBy(step => step.Item).Select(step => step.Time));
        }

        return new UserItems([.. Enumerable.Range(0, Users + 1).Select(user => user * 8)], [.. items], timestamps: [.. times]);
    }
}
