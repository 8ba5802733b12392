using FedRec.Core.Data;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Core.Learners.ShallowAutoencoders;

/// <summary>Votes: how well each candidate finds an item from those that were met before it, NDCG@10 among the short list. Not thread-safe.</summary>
internal sealed class Ballots(EaseVote vote)
{
    private const int Cutoff = 10;
    private static readonly Ndcg s_metric = new();
    private readonly RankPositions _positions = new();
    private float[] _scores = [];

    /// <summary>Adds the votes for one item; nothing when it is not on the short list.</summary>
    public void Add(EaseModel model, UserHistory before, int item, Span<float> votes)
    {
        var list = model.Shortlist;
        var target = list.BinarySearch(item);
        if (target < 0)
        {
            return;
        }

        var (known, ages) = Listed(before, list);
        var factors = new float[known.Length];
        if (_scores.Length != list.Length)
        {
            _scores = new float[list.Length];
        }

        foreach (var (lambda, dropout, place) in vote.Ballot(model.Settings))
        {
            var weights = model.Voted(lambda, dropout);
            for (var recency = 0; recency < vote.Recencies.Length; recency++)
            {
                var tau = vote.Recencies[recency];
                if (tau > 0 && ages.Length > 0)
                {
                    Recency.Factors(ages, tau, factors);
                }

                weights.Score(known, tau > 0 && ages.Length > 0 ? factors : [], _scores);
                foreach (var own in known)
                {
                    _scores[own] = float.NaN; // no candidate
                }

                votes[place + recency] += (float)s_metric.Value(_positions.Find(_scores, list.Length - known.Length, [target]), 1, Cutoff);
            }
        }
    }

    // What is on the short list, by its places there.
    private static (int[] Known, float[] Ages) Listed(UserHistory history, ReadOnlySpan<int> list)
    {
        var (known, ages) = (new List<int>(history.Items.Length), new List<float>(history.Ages.Length));
        for (var i = 0; i < history.Items.Length; i++)
        {
            if (list.BinarySearch(history.Items[i]) is >= 0 and var place)
            {
                known.Add(place);
                ages.AddRange(history.Ages.IsEmpty ? [] : history.Ages.Slice(i, 1));
            }
        }

        var among = ages.ToArray();
        Data.Ages.Among([.. ages], among);
        return ([.. known], among);
    }
}

/// <summary>Adds up the votes of one client's users, as whole numbers: their order changes no bit.</summary>
/// <param name="candidates">Sums that are kept apart.</param>
internal sealed class VoteSum(int candidates)
{
    // The smallest vote there is, shared with all of a short list behind the ninth place, is above 2^-13: as a float32 a whole number of 2^-36.
    private const double Unit = 1L << 36;
    private readonly float[] _ofUser = new float[candidates];
    private readonly long[] _sums = new long[candidates];

    /// <summary>Takes the votes of one user.</summary>
    public Span<float> OfUser => _ofUser;

    /// <summary>Counts the user, and begins with another one.</summary>
    public void Next()
    {
        for (var i = 0; i < _sums.Length; i++)
        {
            _sums[i] += (long)Math.Round(_ofUser[i] * Unit);
        }

        Array.Clear(_ofUser);
    }

    /// <summary>Writes the sums.</summary>
    public void CopyTo(Span<float> votes)
    {
        for (var i = 0; i < _sums.Length; i++)
        {
            votes[i] = (float)(_sums[i] / Unit);
        }
    }
}
