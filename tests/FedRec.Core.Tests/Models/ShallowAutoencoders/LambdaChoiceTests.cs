using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Models.ShallowAutoencoders;

namespace FedRec.Core.Tests.Models.ShallowAutoencoders;

public sealed class LambdaChoiceTests
{
    private const int Items = 40;
    private static readonly UserItems s_data = Counted.Random(200, Items, seed: 9);
    private static readonly Ease s_learner = new(new EaseOptions { Lambda = 0 }, Items);

    [Fact]
    public void Learn_UsersChoose_AllCountsAreInAndLambdaIsACandidate()
    {
        var chosen = Counted.Learn(s_learner, Ease.RoundsToChoose, Counted.Tasks(s_data, Items)).Span;

        var given = new Ease(new EaseOptions { Lambda = 100 }, Items);
        var counts = Counted.Learn(given, 1, Counted.Tasks(s_data, Items)).Span[..^2];
        Assert.True(counts.SequenceEqual(chosen[..^2]));
        Assert.True(LambdaChoice.Candidates.Contains(chosen[^2]));
    }

    [Fact]
    public void Learn_WhileVotersChoose_TheirItemsAreNotInTheCounts()
    {
        var trainers = Enumerable.Range(0, s_data.UserCount).Where(user => !LambdaChoice.IsVoter(user)).ToArray();
        Assert.InRange(trainers.Length, 160, 195);

        var afterVote = Counted.Learn(s_learner, 2, Counted.Tasks(s_data, Items)).Span[..^2];

        var given = new Ease(new EaseOptions { Lambda = 100 }, Items);
        Assert.True(Counted.Learn(given, 1, Counted.Tasks(s_data, Items, trainers)).Span[..^2].SequenceEqual(afterVote));
    }

    [Fact]
    public void Best_SumsOfVotes_TakesTheHighestAndOfEqualOnesTheFirst()
    {
        var votes = new long[LambdaChoice.Candidates.Length];
        (votes[2], votes[4]) = (FixedPoint.Encode(1.5), FixedPoint.Encode(1.5));

        Assert.Equal(100, LambdaChoice.Best(votes));
        Assert.Equal(500, LambdaChoice.Best(new long[votes.Length])); // nobody could vote
    }
}
