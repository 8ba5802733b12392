using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Federation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Audits;

/// <summary>How well an attribute of users is told from something that others see of them.</summary>
/// <param name="Attribute">What is told, such as <c>gender is M</c>.</param>
/// <param name="From">What it is told from.</param>
/// <param name="Users">Users whose attribute is known.</param>
/// <param name="Area">Chance that a user with it scores above one without; 0.5 is a guess.</param>
/// <param name="Accuracy">Share of the users for whom it is told right, with the interval of Clopper and Pearson.</param>
/// <param name="Majority">Share that is right where everybody is taken for the more frequent kind.</param>
public sealed record AttributeLeak(string Attribute, string From, int Users, Measured Area, Measured Accuracy, double Majority);

/// <summary>Attribute inference: age, gender and whatever else the data says of users, from their updates and from the lists that they are served.</summary>
/// <remarks>An attacker who knows the attribute of some users learns a linear rule of it, and tells it of the others (five folds, each with its share of both kinds): kernel ridge regression, of what was seen of a user scaled to length 1
/// (that simple rules tell gender from ratings: Weinsberg et al. 2012, RecSys). User vectors do not leave a client, so that there is nothing to tell from them.</remarks>
public static class AttributeProbe
{
    private const int Folds = 5;
    private const int ListLength = 20;
    private const double Ridge = 1; // beside the diagonal of the kernel, which is 1
    private static readonly double s_pairsCountTwice = Math.Sqrt(2); // each user helps to tell of those that help to tell of it: twice the variance of scores that are independent
    private const int LeastOfKind = 2 * Folds;

    /// <summary>Tells attributes of a data set's users from their updates, open and masked, and from lists.</summary>
    /// <param name="run">How the federation trains.</param>
    /// <param name="data">The users.</param>
    /// <param name="users">Those that take part; at least 20.</param>
    /// <param name="masks">How updates are masked.</param>
    /// <param name="cohort">Clients that mask their updates with each other, at least 3.</param>
    /// <param name="seed">Of every draw.</param>
    /// <returns>A leak for each attribute and view; none where the data says nothing of its users, or all are alike.</returns>
    public static IReadOnlyList<AttributeLeak> Run(AuditedRun run, Dataset data, IReadOnlyList<int> users, SecureMean masks, int cohort, ulong seed)
    {
        if (data.Train.Features is not { } features || AttributesOf(features, users) is not { Count: > 0 } attributes)
        {
            return [];
        }

        var (open, masked) = (Updates(run, data, users, MeanAggregator.Instance, users.Count, seed), Updates(run, data, users, masks, cohort, seed));
        var lists = Lists(new VersionScorer(run.Learner, run.Train([.. users.Select(user => AuditedRun.ClientOf(data, user))], seed)), data, users);
        return
        [
            .. from attribute in attributes
               from view in new[] { ("updates, plain", open), ("updates, masked", masked), ("served lists", lists) }
               select Tell(attribute.Name, view.Item1, view.Item2, attribute.Values, seed),
        ];
    }

    /// <summary>Tells one attribute.</summary>
    /// <param name="attribute">What it is called.</param>
    /// <param name="from">What it is told from.</param>
    /// <param name="seen">What was seen of each user, equally many numbers; not changed.</param>
    /// <param name="values">Whether each has it; null where it is not known.</param>
    /// <param name="seed">Of the folds.</param>
    /// <exception cref="ArgumentException">Fewer than ten users have it, or have it not.</exception>
    public static AttributeLeak Tell(string attribute, string from, double[][] seen, IReadOnlyList<bool?> values, ulong seed)
    {
        int[] known = [.. Enumerable.Range(0, seen.Length).Where(user => values[user] is not null)];
        bool[] has = [.. known.Select(user => values[user]!.Value)];
        var most = Math.Max(has.Count(one => one), has.Count(one => !one));
        if (known.Length - most < LeastOfKind)
        {
            throw new ArgumentException($"{attribute}: {known.Length - most} of {known.Length} users are of the rarer kind; it takes {LeastOfKind} to tell anything.", nameof(values));
        }

        var scores = new KernelRidge([.. known.Select(user => seen[user])], Ridge).Predict(has, FoldsOf(has, seed));
        var curve = new RocCurve(scores.Where((_, i) => has[i]), scores.Where((_, i) => !has[i]));
        var right = Enumerable.Range(0, has.Length).Count(i => scores[i] > 0 == has[i]);
        return new AttributeLeak(attribute, from, known.Length, Measured.Around(curve.Area, s_pairsCountTwice * curve.StandardError),
            new Measured((double)right / has.Length, BinomialBounds.Lower(right, has.Length, 0.975), BinomialBounds.Upper(right, has.Length, 0.975)), (double)most / has.Length);
    }

    // Each column as a question with two answers: a word that is not too rare against all others, or above the middle.
    private static List<(string Name, IReadOnlyList<bool?> Values)> AttributesOf(FeatureTable features, IReadOnlyList<int> users)
    {
        var attributes = new List<(string, IReadOnlyList<bool?>)>();
        for (var column = 0; column < features.Schema.Columns.Count; column++)
        {
            var (own, place) = (features.Schema.Columns[column], column);
            float?[] values = [.. users.Select(user => features.Row(user)[place]).Select(value => float.IsNaN(value) || (own.IsCategorical && value >= own.Vocabulary.Count) ? default(float?) : value)];
            if (values.Where(value => value is not null).Order().ToArray() is not { Length: > 0 } sorted)
            {
                continue;
            }

            var middle = own.IsCategorical ? sorted.GroupBy(value => value).MaxBy(group => group.Count())!.Key!.Value : sorted[sorted.Length / 2]!.Value;
            bool?[] has = [.. values.Select(value => value is null ? default(bool?) : own.IsCategorical ? value == middle : value > middle)];
            if (Math.Min(has.Count(one => one == true), has.Count(one => one == false)) >= LeastOfKind)
            {
                attributes.Add((own.IsCategorical ? $"{own.Name} is {own.Vocabulary[(int)middle]}" : FormattableString.Invariant($"{own.Name} above {middle:0.##}"), has));
            }
        }

        return attributes;
    }

    // One round of everybody, by cohorts of those who mask with each other.
    private static double[][] Updates(AuditedRun run, Dataset data, IReadOnlyList<int> users, IAggregator aggregator, int cohort, ulong seed) =>
    [
        .. Chunks(users, cohort).SelectMany(some =>
        {
            var evidence = new ItemEvidence(some.Length, data.Items.Count);
            new InProcessFederation(run.Learner, run.OptimizerOf, run.Weighting) { Aggregator = aggregator, View = evidence }.Train([.. some.Select(user => AuditedRun.ClientOf(data, user))], 1, seed);
            return aggregator is SecureMean ? evidence.MaskedLengths : evidence.RowsThenDirections();
        }),
    ];

    // The last ones join those before, so that nobody masks with too few.
    private static IEnumerable<int[]> Chunks(IReadOnlyList<int> users, int size)
    {
        var whole = Math.Max(1, users.Count / size);
        return Enumerable.Range(0, whole).Select(i => users.Skip(i * size).Take(i == whole - 1 ? users.Count : size).ToArray());
    }

    private static double[][] Lists(VersionScorer scorer, Dataset data, IReadOnlyList<int> users) =>
    [
        .. users.Select(user =>
        {
            var (scores, seen) = (new float[data.Items.Count], new double[data.Items.Count]);
            scorer.Score(user, data.Train.History(user), scores);
            foreach (var item in data.Train.Items(user))
            {
                scores[item] = float.NegativeInfinity;
            }

            foreach (var item in Enumerable.Range(0, scores.Length).OrderByDescending(item => scores[item]).Take(ListLength))
            {
                seen[item] = 1;
            }

            return seen;
        }),
    ];

    // A fold for each, with its share of both kinds.
    private static int[] FoldsOf(bool[] has, ulong seed)
    {
        var (folds, random) = (new int[has.Length], SeedSequence.For(seed, "folds"));
        foreach (var kind in new[] { true, false })
        {
            int[] own = [.. Enumerable.Range(0, has.Length).Where(i => has[i] == kind)];
            random.Shuffle(own.AsSpan());
            for (var i = 0; i < own.Length; i++)
            {
                folds[own[i]] = i % Folds;
            }
        }

        return folds;
    }
}
