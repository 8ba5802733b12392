using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Learners;
using FedRec.Core.Tests.Data;

namespace FedRec.Core.Tests.Evaluation;

/// <summary>One domain with and without another one that knows the same users; the same test items in both.</summary>
internal sealed class TwoDomains
{
    private readonly Dataset _single;
    private readonly Dataset _joint;
    private readonly int[] _cold;

    /// <param name="target">Rows of the domain to recommend in, in each user's order of time; the last of each user is held out.</param>
    /// <param name="source">Rows of the other domain.</param>
    /// <param name="most">Training items that a cold user has at most.</param>
    public TwoDomains(IEnumerable<(string User, string Item)> target, IEnumerable<(string User, string Item)> source, int most)
    {
        using var folder = new TempFolder();
        var lines = target.GroupBy(row => row.User).SelectMany(rows => rows.Select((row, i) => $"{row.User},{row.Item},{(i > 0 && i == rows.Count() - 1 ? "test" : "train")}"));
        var file = folder.Write("target.csv", "user,item,split\n" + string.Join('\n', lines));
        var other = folder.Write("source.csv", "user,item\n" + string.Join('\n', source.Select(row => $"{row.User},{row.Item}")));
        _single = DatasetSource.Open(new DatasetOptions { Path = file });
        _joint = DatasetSource.Open(new DatasetOptions { Path = file, ContextData = other });
        _cold = [.. Enumerable.Range(0, _single.Users.Count).Where(user => _single.Train.Items(user).Length <= most && !_single.Test.Items(user).IsEmpty)];
    }

    public int ColdUsers => _cold.Length;

    /// <summary>HR@10 and NDCG@10 on cold users, first with the other domain and second without it.</summary>
    public IReadOnlyList<PairedDifference> Gain(string learner, Dictionary<string, string> options, int rounds = 0)
    {
        var (joint, single) = (Trained(learner, options, _joint, rounds), Trained(learner, options, _single, rounds));
        var split = EvaluationSplit.Test(_joint);
        var frame = EvaluationFrame.Of(split, [10]);
        var sums = PairedEvaluator.NewSums(frame, 1_000, 1);
        new PairedEvaluator(split, frame).Evaluate(joint, new OwnItemsOnly(single, _single.Items.Count), _cold, sums);
        return sums.Finish();
    }

    public static string Words(IEnumerable<PairedDifference> gain) =>
        string.Join("; ", gain.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Metric} {one.First:F4} against {one.Second:F4}, [{one.Low:F4}, {one.High:F4}]")));

    private static VersionScorer Trained(string name, Dictionary<string, string> options, Dataset data, int rounds)
    {
        var defaults = LearnerRegistry.Find(name).Recommended(options);
        var learner = LearnerRegistry.Create(name, options, FederationShape.Of(data, data.Users.Count));
        return new VersionScorer(learner, LocalFederation.Train(learner, defaults, data, rounds > 0 ? rounds : defaults.Rounds, seed: 1));
    }

    /// <summary>Scores with what was trained without the other domain, and sees none of it.</summary>
    private sealed class OwnItemsOnly(IScorer scorer, int items) : IScorer
    {
        public void Score(int user, UserHistory history, Span<float> scores)
        {
            var own = 0;
            while (own < history.Items.Length && history.Items[own] < items)
            {
                own++;
            }

            scores[items..].Clear();
            scorer.Score(user, history.Items[..own], scores[..items]);
        }
    }
}
