using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Rounds;
using Orleans.Storage;

namespace FedRec.Grains.Runs;

/// <summary>The rounds and evaluations of a run, stored in segments of a hundred rounds: saving writes what is new, and not what a million rounds did before.</summary>
/// <remarks>A segment is a state of the run grain beside the run's own, named by its number. Segments are written before the state that counts them;
/// what a crash left in them of later rounds is done again, and cut off when it is read. Used on the run grain's scheduler only.</remarks>
internal sealed class RunLog(Func<string, LazyState<RunLogSegment>> open)
{
    /// <summary>Rounds of a segment.</summary>
    public const int SegmentRounds = 100;

    /// <summary>With what the name of a segment's state begins; its number follows.</summary>
    public const string StateName = "run-log-";

    private readonly List<(List<RoundRecord> Rounds, List<EvaluationRecord> Evaluations)> _segments = [([], [])];
    private readonly SortedSet<int> _changed = [];
    private (int Number, LazyState<RunLogSegment> State)? _last; // its ETag saves reading it before each write
    private ImmutableArray<RoundRecord> _rounds = [];
    private ImmutableArray<EvaluationRecord> _evaluations = [];

    /// <summary>All rounds, oldest first.</summary>
    public ImmutableArray<RoundRecord> Rounds => _rounds.IsDefault ? _rounds = [.. _segments.SelectMany(segment => segment.Rounds)] : _rounds;

    /// <summary>All evaluations, oldest first.</summary>
    public ImmutableArray<EvaluationRecord> Evaluations =>
        _evaluations.IsDefault ? _evaluations = [.. _segments.SelectMany(segment => segment.Evaluations)] : _evaluations;

    /// <summary>The first round that the run has done and the store has no record of; null when none is missing.</summary>
    public int? Lost { get; private set; }

    /// <summary>Reads the log of a run.</summary>
    /// <param name="state">The run's state; of an older program, it holds rounds and evaluations itself.</param>
    public async Task ReadAsync(RunState state)
    {
        if (state is { Segments: 0, Status: { } status })
        {
            Adopt(status.Rounds, status.Evaluations);
            Lost = status.Rounds.Length < status.RoundsDone ? status.Rounds.Length + 1 : null;
            return;
        }

        var parts = new List<RunLogSegment>();
        foreach (var numbers in Enumerable.Range(0, state.Segments).Chunk(16))
        {
            parts.AddRange(await Task.WhenAll(numbers.Select(ReadAsync)));
        }

        Lost = Enumerable.Range(0, parts.Count).Where(number => parts[number].Rounds.Length < Math.Min(SegmentRounds, state.Status!.RoundsDone - (number * SegmentRounds)))
            .Select(number => (int?)((number * SegmentRounds) + parts[number].Rounds.Length + 1)).FirstOrDefault();
        _segments.Clear();
        _segments.AddRange(parts.Select(part => (part.Rounds.ToList(), part.Evaluations.ToList())));
        Changed(null);
        Rewind(state.Status!.RoundsDone);
    }

    /// <summary>Adds the next round.</summary>
    public void Add(RoundRecord round)
    {
        var number = NumberOf(round.Round);
        while (_segments.Count <= number)
        {
            _segments.Add(([], []));
        }

        _segments[number].Rounds.Add(round);
        Changed(number);
    }

    /// <summary>Replaces what is known of a round.</summary>
    public void Replace(RoundRecord round)
    {
        var number = NumberOf(round.Round);
        _segments[number].Rounds[(round.Round - 1) % SegmentRounds] = round;
        Changed(number);
    }

    /// <summary>Adds an evaluation, of whatever round.</summary>
    public void Add(EvaluationRecord evaluation)
    {
        _segments[^1].Evaluations.Add(evaluation);
        Changed(_segments.Count - 1);
    }

    /// <summary>A round that is done; null when there is none of that number.</summary>
    public RoundRecord? Find(int round)
    {
        var (number, index) = (NumberOf(round), (round - 1) % SegmentRounds);
        return round > 0 && number < _segments.Count && index < _segments[number].Rounds.Count ? _segments[number].Rounds[index] : null;
    }

    /// <summary>Whether there is an evaluation of a round on a split. The latest are looked at first, and none of earlier rounds.</summary>
    public bool IsEvaluated(int round, bool onValidation) => _segments.AsEnumerable().Reverse()
        .SelectMany(segment => segment.Evaluations.AsEnumerable().Reverse())
        .TakeWhile(evaluation => evaluation.Round >= round)
        .Any(evaluation => evaluation.Round == round && evaluation.OnValidation == onValidation);

    /// <summary>Forgets what came after a round.</summary>
    public void Rewind(int round)
    {
        for (var number = _segments.Count - 1; number >= NumberOf(round); number--)
        {
            var (rounds, evaluations) = _segments[number];
            if (rounds.RemoveAll(record => record.Round > round) + evaluations.RemoveAll(evaluation => evaluation.Round > round) > 0)
            {
                Changed(number);
            }

            if (number > NumberOf(round))
            {
                _segments.RemoveAt(number);
                _changed.Remove(number);
            }
        }
    }

    /// <summary>Writes the segments that have changed.</summary>
    /// <param name="epoch">The attempt at driving the run that writes, which the store has already.</param>
    /// <returns>The number of segments there are.</returns>
    /// <exception cref="InconsistentStateException">A later attempt has written: this one is over.</exception>
    public async Task<int> SaveAsync(int epoch)
    {
        foreach (var number in _changed.ToArray())
        {
            var (rounds, evaluations) = _segments[number];
            var state = await OpenAsync(number);
            if (state.State.Epoch > epoch)
            {
                throw new InconsistentStateException($"Attempt {epoch} at the run is over: attempt {state.State.Epoch} has written its rounds.");
            }

            state.State = new RunLogSegment { Rounds = [.. rounds], Evaluations = [.. evaluations], Epoch = epoch };
            await state.WriteAsync();
            _changed.Remove(number);
        }

        return _segments.Count;
    }

    private static int NumberOf(int round) => Math.Max(round - 1, 0) / SegmentRounds;

    private async Task<LazyState<RunLogSegment>> OpenAsync(int number)
    {
        if (_last?.Number != number)
        {
            var state = open($"{StateName}{number}");
            await state.ReadAsync(() => { }); // a crash may have left it behind
            _last = (number, state);
        }

        return _last.Value.State;
    }

    private async Task<RunLogSegment> ReadAsync(int number)
    {
        var state = open($"{StateName}{number}");
        await state.ReadAsync(() => { });
        return state.State;
    }

    private void Adopt(ImmutableArray<RoundRecord> rounds, ImmutableArray<EvaluationRecord> evaluations)
    {
        var next = 0;
        foreach (var round in rounds)
        {
            for (; next < evaluations.Length && evaluations[next].Round < round.Round; next++)
            {
                Add(evaluations[next]);
            }

            Add(round);
        }

        foreach (var evaluation in evaluations[next..])
        {
            Add(evaluation);
        }
    }

    private void Changed(int? number)
    {
        if (number is { } changed)
        {
            _changed.Add(changed);
        }

        (_rounds, _evaluations) = (default, default);
    }
}
