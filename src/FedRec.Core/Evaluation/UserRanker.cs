using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Core.Evaluation;

/// <summary>Ranks the full catalogue for one user after the other. Scratch memory is reused; not thread-safe.</summary>
internal sealed class UserRanker(EvaluationSplit split, EvaluationFrame frame)
{
    private readonly float[] _scores = new float[split.ItemCount];
    private readonly RankPositions _positions = new();
    private readonly int[] _top = new int[frame.MaxCutoff];
    private readonly SampledCandidates? _sampled = frame.Sampled ? new SampledCandidates(split) : null;
    private float[] _predictions = [];

    /// <summary>Ranks for a user with held-out items.</summary>
    /// <returns>Valid until the next call.</returns>
    public UserRanking Rank(IScorer scorer, int user) => Rank(scorer, user, split.HeldOut, _sampled);

    /// <summary>Ranks for a user whose held-out items are evaluated apart.</summary>
    /// <returns>Valid until the next call.</returns>
    public UserRanking RankApart(IScorer scorer, int user, UserItems apart) => Rank(scorer, user, apart, sampled: null);

    private UserRanking Rank(IScorer scorer, int user, UserItems held, SampledCandidates? sampled)
    {
        var history = split.Train.History(user);
        var heldOut = held.History(user);
        var also = split.AlsoRemoved.Items(user);
        scorer.Score(user, history, _scores);
        Remove(history.Items);
        Remove(also);
        var candidates = split.ItemCount - history.Items.Length - also.Length - split.Candidates.Apply(history, TimeOf(held.Timestamps(user)), _scores);
        var blocks = _positions.Find(_scores, candidates, heldOut.Items);
        return new UserRanking
        {
            History = history,
            Times = split.Train.Timestamps(user),
            HeldOut = heldOut,
            Scores = _scores,
            Candidates = candidates,
            Blocks = blocks,
            ItemBlocks = _positions.ItemBlocks(_scores, heldOut.Items),
            Top = _top.AsSpan(0, TopK.Select(_scores, [], frame.MaxCutoff, _top)),
            Sampled = sampled is null ? [] : sampled.Find(user, history.Items, _scores),
            Predictions = heldOut.Ratings.IsEmpty ? [] : Predict(scorer, user, history, heldOut.Items),
        };
    }

    // When the user asks: at the time of the first item to find.
    private static long? TimeOf(ReadOnlySpan<long> times) => times.IsEmpty ? null : TensorPrimitives.Min(times);

    private ReadOnlySpan<float> Predict(IScorer scorer, int user, UserHistory history, ReadOnlySpan<int> items)
    {
        if (_predictions.Length < items.Length)
        {
            _predictions = new float[items.Length];
        }

        var predictions = _predictions.AsSpan(0, items.Length);
        return scorer.TryPredict(user, history, items, predictions) ? predictions : [];
    }

    private void Remove(ReadOnlySpan<int> items)
    {
        foreach (var item in items)
        {
            _scores[item] = float.NaN;
        }
    }
}
