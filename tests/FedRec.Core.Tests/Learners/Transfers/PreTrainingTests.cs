using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Data;
using FedRec.Core.Tests.Evaluation;
using FedRec.Core.Tests.Native;

namespace FedRec.Core.Tests.Learners.Transfers;

/// <summary>Pre-trained on public data in one place, then tuned by a federation of few users with a catalogue of its own.</summary>
[Collection(nameof(TorchCollection))]
public sealed class PreTrainingTests
{
    private const int Tastes = 8;

    [Fact]
    public void Train_BegunWithPublicData_IsBetterThanBegunAnewAfterTheSameRounds()
    {
        var (open, own) = (Made("public", users: 300, from: 0, to: 120), Made("private", users: 100, from: 10, to: 130));

        var gain = Gain("mf", new() { ["dims"] = "16" }, open, own, rounds: 5, most: int.MaxValue);

        Assert.All(gain, one => Assert.True(one.Low > 0, TwoDomains.Words(gain)));
    }

    [Fact]
    public void Carry_OtherUsersAndItemsWithTheSameTags_RanksBeforeAnyRound()
    {
        var (other, own) = (Made("other", users: 100, from: 0, to: 120, tagged: true), Made("own", users: 100, from: 120, to: 240, tagged: true));

        var gain = Gain("two-tower", [], other, own, rounds: 0, most: int.MaxValue);

        Assert.True(gain[0].First > 0.4, TwoDomains.Words(gain)); // chance is below 0.1, and so it stays nearly where the layers that see tags are not carried
    }

    /// <summary>HR@10 and NDCG@10 of users with few training items: first begun with the public data, second begun anew.</summary>
    internal static IReadOnlyList<PairedDifference> Gain(string name, Dictionary<string, string> options, Dataset open, Dataset own, int rounds, int most)
    {
        var defaults = LearnerRegistry.Find(name).Recommended(options);
        var (source, target) = (Learner(name, options, open), Learner(name, options, own));
        var trained = Train(source, defaults, ClientPartition.Dealt(open, 1, 1), defaults.Rounds, source.Initialize(1));
        // From here on another seed: layers that begin alike would suit each other without being carried.
        var start = ParameterTransfer.Plan(source, ItemKeys.Of(FederationCatalogue.Of(open), ItemKeys.Id), target, ItemKeys.Of(FederationCatalogue.Of(own), ItemKeys.Id)).Carry(trained.Span, target.Initialize(2));
        var (warm, anew) = (Train(target, defaults, ClientPartition.PerUser(own), rounds, start), Train(target, defaults, ClientPartition.PerUser(own), rounds, target.Initialize(2)));
        var split = EvaluationSplit.Test(own);
        var frame = EvaluationFrame.Of(split, [10]);
        var sums = PairedEvaluator.NewSums(frame, 1_000, 1);
        int[] users = [.. Enumerable.Range(0, own.Users.Count).Where(user => own.Train.Items(user).Length <= most)];
        new PairedEvaluator(split, frame).Evaluate(new VersionScorer(target, warm), new VersionScorer(target, anew), users, sums);
        return sums.Finish();
    }

    private static ILearner Learner(string name, Dictionary<string, string> options, Dataset data) =>
        LearnerRegistry.Create(name, options, FederationShape.Of(data, data.Users.Count));

    private static ReadOnlyMemory<float> Train(ILearner learner, LearnerDefaults defaults, ClientPartition partition, int rounds, float[] start)
    {
        var optimizer = defaults.ServerOptimizer.Create();
        return new InProcessFederation(learner, _ => optimizer, ClientWeighting.Parse(defaults.Weighting, 0)).Train([.. partition.Clients], rounds, seed: 1, start);
    }

    private static Dataset Made(string name, int users, int from, int to, bool tagged = false)
    {
        using var folder = new TempFolder();
        var lines = new List<string>();
        for (var user = 0; user < users; user++)
        {
            var random = SeedSequence.For(1, name, user);
            var liked = Enumerable.Range(from, to - from).Where(item => item % Tastes == user % Tastes).ToArray();
            random.Shuffle<int>(liked);
            lines.AddRange(liked.Take(4).Append(random.NextInt32(to - from) + from).Distinct().Select(item => $"u{user},{item}"));
            lines.Add($"u{user},{liked[5]}");
        }

        folder.Write("items.csv", "item,tags\n" + string.Join('\n', Enumerable.Range(from, to - from).Select(item => $"{item},{(tagged ? $"taste{item % Tastes}" : "")}")));
        return DatasetSource.Open(new DatasetOptions { Path = folder.Write("data.csv", "user,item\n" + string.Join('\n', lines)) });
    }
}
