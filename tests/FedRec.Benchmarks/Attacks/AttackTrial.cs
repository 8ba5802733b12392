using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Randomness;

namespace FedRec.Benchmarks.Attacks;

/// <summary>What came of a run.</summary>
/// <param name="ExposureRatio">ER@10: the share of the target items, of those that an honest user has not met, that are among the user's first ten; the mean over honest users.</param>
/// <param name="Ndcg">NDCG@10 of the honest users, ranking all items that they have not met.</param>
internal readonly record struct Outcome(double ExposureRatio, double Ndcg);

/// <summary>A federation that malicious clients join: every user of the data is an honest client, and attackers come in addition, each with a copy of a drawn user's items.</summary>
/// <param name="Data">The data.</param>
/// <param name="Split">What the honest users' quality is measured on.</param>
/// <param name="Options">Of <c>mf</c>.</param>
/// <param name="Rounds">Rounds of everybody; 0 for what the learner recommends.</param>
internal sealed record AttackTrial(Dataset Data, EvaluationSplit Split, Dictionary<string, string> Options, int Rounds)
{
    private const int Targets = 5;
    private const int Top = 10;
    private const double PublicShare = 0.01;

    /// <summary>What clients count in a mean; null for what the learner recommends. Default: null.</summary>
    public string? Weighting { get; init; }

    /// <summary>Trains, and measures.</summary>
    /// <param name="attack">Makes the attack; null for none.</param>
    /// <param name="share">Attackers among all clients, in [0, 1).</param>
    /// <param name="aggregator">Name of the aggregator.</param>
    /// <param name="trim">The number it goes by; 0 for its own.</param>
    /// <param name="seed">Of every draw.</param>
    public Outcome Run(Func<Knowledge, IAttack>? attack, double share, string aggregator, double trim, ulong seed)
    {
        var honest = Data.Users.Count;
        var learner = LearnerRegistry.Create("mf", Options, FederationShape.Of(Data, honest));
        var recommended = LearnerRegistry.Find("mf").Recommended(Options);
        var (optimizer, chosen) = (recommended.ServerOptimizer.Create(), FederationParts.BuiltIn().Aggregator(aggregator, trim));
        var crafting = attack?.Invoke(new Knowledge(learner, TargetsOf(seed), PublicOf(seed), seed));
        var federation = new InProcessFederation(learner, _ => optimizer, ClientWeighting.Parse(chosen.TakesDirectionsOnly ? "uniform" : Weighting ?? recommended.Weighting, 0))
        {
            Aggregator = chosen,
            Sends = update => crafting is not null && update.Client >= honest ? crafting.Craft(update) : update.Update,
        };
        ClientData[] own = [.. ClientPartition.PerUser(Data).Clients];
        var model = federation.Train([.. own, .. Joining(own, attack is null ? 0 : share, seed)], Rounds > 0 ? Rounds : recommended.Rounds, seed);
        return Measure(new VersionScorer(learner, model), TargetsOf(seed));
    }

    // So many that they are the share of all clients.
    private static IEnumerable<ClientData> Joining(ClientData[] own, double share, ulong seed)
    {
        var (random, many) = (SeedSequence.For(seed, "attackers"), (int)Math.Ceiling(share / (1 - share) * own.Length));
        for (var i = 0; i < many; i++)
        {
            yield return own[random.NextInt32(own.Length)];
        }
    }

    // Among the tenth of the catalogue that fewest have met.
    private int[] TargetsOf(ulong seed)
    {
        var (counts, random) = (new int[Data.Items.Count], SeedSequence.For(seed, "targets"));
        for (var user = 0; user < Data.Users.Count; user++)
        {
            foreach (var item in Data.Train.Items(user))
            {
                counts[item]++;
            }
        }

        var cold = Enumerable.Range(0, counts.Length).OrderBy(item => counts[item]).Take(Math.Max(Targets, counts.Length / 10)).ToArray();
        random.Shuffle(cold.AsSpan());
        return cold[..Targets];
    }

    private UserItems PublicOf(ulong seed)
    {
        var (random, offsets, items) = (SeedSequence.For(seed, "public"), new List<int> { 0 }, new List<int>());
        for (var user = 0; user < Data.Users.Count; user++)
        {
            foreach (var item in Data.Train.Items(user))
            {
                if (random.NextDouble() < PublicShare)
                {
                    items.Add(item);
                }
            }

            offsets.Add(items.Count);
        }

        return new UserItems([.. offsets], [.. items]);
    }

    private Outcome Measure(VersionScorer scorer, int[] targets)
    {
        var (scores, sum, users) = (new float[Data.Items.Count], 0.0, 0);
        for (var user = 0; user < Data.Users.Count; user++)
        {
            var history = Data.Train.History(user);
            var wanted = targets.Except(history.Items.ToArray()).ToArray();
            scorer.Score(user, history, scores);
            foreach (var item in history.Items)
            {
                scores[item] = float.NegativeInfinity;
            }

            sum += wanted.Length == 0 ? 0 : (double)wanted.Count(target => scores.Count(score => score > scores[target]) < Top) / wanted.Length;
            users += wanted.Length == 0 ? 0 : 1;
        }

        return new Outcome(sum / users, RankingEvaluator.EvaluateAll(() => scorer, Split, [Top], threads: 1).Metrics["ndcg@10"]);
    }
}
