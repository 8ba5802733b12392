using FedRec.Core.Data;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Randomness;

namespace FedRec.Core.Audits;

/// <summary>How well an attack tells who, or what, a released model was trained on.</summary>
/// <param name="Of">Whether users or single interactions are looked for.</param>
/// <param name="Attack">What the attacker goes by.</param>
/// <param name="Area">Area under the curve.</param>
/// <param name="TrueRateAtOnePercent">Members found where one in a hundred others is taken for one.</param>
/// <param name="Curve">Points of the curve, for pictures.</param>
public sealed record MembershipLeak(string Of, string Attack, Measured Area, Measured TrueRateAtOnePercent, IReadOnlyList<RocPoint> Curve);

/// <summary>Membership inference on released models: was this user, or this interaction, in training?</summary>
/// <remarks>Two models are trained that differ in who, or what, is in training, by a fair draw: so nothing but membership tells the two groups apart. The second one is what an attacker has who trains models of its own on such data; the score
/// beyond it is the attack calibrated for difficulty (Watson et al. 2022, arXiv:2111.08440), without it the threshold attack (Yeom et al. 2018, arXiv:1709.01604). The attacker knows a part of the user's items, the query, and asks for the others.
/// Who only sees served lists knows whether and where an item stands among the first ten.</remarks>
public static class MembershipProbe
{
    /// <summary>Items of a served list.</summary>
    public const int ListLength = 10;

    /// <summary>Fewest training items of a user that can be looked for.</summary>
    public const int LeastItems = 6;

    private const int CurvePoints = 100;
    private const double LowRate = 0.01;

    /// <summary>Looks for users: one half of them trains one model, the other half the other.</summary>
    /// <param name="run">How models are trained.</param>
    /// <param name="data">The users.</param>
    /// <param name="users">Those that are looked for, drawn, with <see cref="LeastItems"/> items or more; at least 4.</param>
    /// <param name="seed">Of every draw.</param>
    public static IReadOnlyList<MembershipLeak> OfUsers(AuditedRun run, Dataset data, IReadOnlyList<int> users, ulong seed)
    {
        var (parts, half) = (Parts(data, users, seed), users.Count / 2); // users are drawn, so that the first half is too
        VersionScorer Model(IEnumerable<int> some, ulong own) => new(run.Learner, run.Train([.. some.Select(user => AuditedRun.ClientOf(data, user))], own));
        var scored = Score((Model(users.Take(half), seed), Model(users.Skip(half), seed + 1)), data, users, parts);
        return
        [
            OfEach("scores", item => item.Rank),
            OfEach("scores beyond those of a model of others", item => item.Rank - item.OtherRank),
            OfEach("served lists", item => item.InList),
        ];

        MembershipLeak OfEach(string attack, Func<Scored, double> by) => Leak("users", attack, scored.Select((one, place) => (one.Average(by), place < half)));
    }

    /// <summary>Looks for interactions: of each user a third trains both models, and a third each of them alone.</summary>
    /// <inheritdoc cref="OfUsers"/>
    public static IReadOnlyList<MembershipLeak> OfInteractions(AuditedRun run, Dataset data, IReadOnlyList<int> users, ulong seed)
    {
        var parts = Parts(data, users, seed);
        var scored = Score((Model(without: 2, seed), Model(without: 1, seed + 1)), data, users, parts);
        return
        [
            OfEach("scores", item => item.Rank),
            OfEach("scores beyond those of a model without it", item => item.Rank - item.OtherRank),
            OfEach("served lists", item => item.InList),
        ];

        VersionScorer Model(int without, ulong own)
        {
            var rows = UserSubset.Of(data.Train, users, (place, i) => parts[place][i] != without);
            return new(run.Learner, run.Train([.. Enumerable.Range(0, users.Count).Select(place => new ClientData(rows, new[] { place }, data.Items.Count))], own));
        }

        // The interval is over users, of whom each has an area of its own: interactions of one user are not independent.
        MembershipLeak OfEach(string attack, Func<Scored, double> by)
        {
            var ofUsers = scored.Select((one, place) => one.ToLookup(item => parts[place][item.Index] == 1, by)).ToList();
            var pooled = Leak("interactions", attack, ofUsers.SelectMany(one => one.SelectMany(group => group.Select(score => (score, group.Key)))));
            return pooled with { Area = Measured.MeanOf([.. ofUsers.Select(one => new RocCurve(one[true], one[false]).Area)]) };
        }
    }

    // A third each: 0 is what is asked with, 1 and 2 are asked for.
    private static int[][] Parts(Dataset data, IReadOnlyList<int> users, ulong seed) => [.. users.Select((user, place) =>
    {
        var count = data.Train.Items(user).Length;
        int[] parts = count >= LeastItems ? [.. Enumerable.Range(0, count).Select(i => i % 3)]
            : throw new ArgumentException($"User {user} has {count} training items; it takes {LeastItems} to be looked for.", nameof(users));
        SeedSequence.For(seed, "parts", place).Shuffle(parts.AsSpan());
        return parts;
    })];

    private static MembershipLeak Leak(string of, string attack, IEnumerable<(double Score, bool IsMember)> scores)
    {
        var by = scores.ToLookup(one => one.IsMember, one => one.Score);
        var curve = new RocCurve(by[true], by[false]);
        return new MembershipLeak(of, attack, curve.AreaWithInterval, curve.TrueRateAt(LowRate), curve.Points(CurvePoints));
    }

    // Of each user, the items that are asked for: the share of the other items that it stands above by either model, and whether it is in the list that the first one serves, the higher the better.
    private static List<Scored>[] Score((VersionScorer First, VersionScorer Second) models, Dataset data, IReadOnlyList<int> users, int[][] parts)
    {
        var query = UserSubset.Of(data.Train, users, (place, i) => parts[place][i] == 0);
        var scored = new List<Scored>[users.Count];
        var (first, second) = (new float[data.Items.Count], new float[data.Items.Count]);
        for (var place = 0; place < users.Count; place++)
        {
            var history = query.History(place);
            var all = data.Train.Items(users[place]);
            models.First.Score(place, history, first);
            models.Second.Score(place, history, second);
            scored[place] = [];
            for (var i = 0; i < all.Length; i++)
            {
                if (parts[place][i] > 0)
                {
                    var (rank, other) = (Above(first, all[i], history.Items), Above(second, all[i], history.Items));
                    scored[place].Add(new Scored(i, 1 - ((double)rank / first.Length), 1 - ((double)other / second.Length), Math.Max(0, ListLength - rank)));
                }
            }
        }

        return scored;
    }

    // How many items stand above one, those left out that the query holds.
    private static int Above(ReadOnlySpan<float> scores, int item, ReadOnlySpan<int> left)
    {
        var (count, own) = (0, scores[item]);
        foreach (var score in scores)
        {
            count += score > own ? 1 : 0;
        }

        foreach (var other in left)
        {
            count -= scores[other] > own ? 1 : 0;
        }

        return count;
    }

    private readonly record struct Scored(int Index, double Rank, double OtherRank, double InList);
}
