using FedRec.Core.Evaluation;
using FedRec.Core.Training;

namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>Has users choose λ: each candidate's weights, made without these users, look for items that the users hold out. Not thread-safe.</summary>
internal sealed class LambdaChoice(int items)
{
    private const double VoterShare = 0.1;
    private const double HeldOutShare = 0.2;
    private const int Cutoff = 10;
    private const double WhenUndecided = 500;
    private static readonly Ndcg s_metric = new();
    private readonly float[] _scores = new float[items];
    private readonly RankPositions _positions = new();

    /// <summary>What is chosen from.</summary>
    public static ReadOnlySpan<double> Candidates => [20, 50, 100, 200, 500, 1000, 2000, 5000];

    /// <summary>Whether a user chooses instead of training, until λ is chosen.</summary>
    public static bool IsVoter(int user) => SeedSequence.For(0, "ease.voter", user).NextDouble() < VoterShare;

    /// <summary>A λ to score with before one is chosen.</summary>
    public static double OrDefault(double lambda) => lambda == 0 ? WhenUndecided : lambda;

    /// <summary>The candidate with the best sum of votes; of equal ones, the smallest.</summary>
    public static float Best(ReadOnlySpan<long> votes)
    {
        var best = 0;
        for (var candidate = 1; candidate < votes.Length; candidate++)
        {
            best = votes[candidate] > votes[best] ? candidate : best;
        }

        return votes[best] > 0 ? (float)Candidates[best] : (float)WhenUndecided;
    }

    /// <summary>Adds a user's NDCG under each candidate.</summary>
    /// <param name="model">The counts of all users who do not vote.</param>
    /// <param name="own">The user's items, ascending; with fewer than two there is nothing to hold out.</param>
    /// <param name="random">Draws what is held out.</param>
    /// <param name="votes">One sum per candidate.</param>
    public void Vote(EaseModel model, ReadOnlySpan<int> own, ref SeededRandom random, Span<float> votes)
    {
        if (own.Length < 2)
        {
            return;
        }

        var shuffled = own.ToArray();
        random.Shuffle(shuffled.AsSpan());
        var held = shuffled.AsSpan(0, Math.Max(1, (int)(own.Length * HeldOutShare)));
        var known = shuffled.AsSpan(held.Length);
        known.Sort();
        for (var candidate = 0; candidate < votes.Length; candidate++)
        {
            model.Weights(Candidates[candidate]).Score(known, _scores);
            foreach (var item in known)
            {
                _scores[item] = float.NaN; // no candidate
            }

            votes[candidate] += (float)s_metric.Value(_positions.Find(_scores, items - known.Length, held), held.Length, Cutoff);
        }
    }
}
