using System.Collections.Concurrent;
using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Data.Features;

namespace FedRec.Core.Learners.Transfers;

/// <summary>A version under a catalogue that is not its own: items are found by id, and it scores as it does under its own.</summary>
/// <remarks>The learner works with the version's own items, in their own order, so that no score depends on what else the other catalogue has, or on its
/// order, not even in the last bit. Own items that the version does not know say nothing to it, and it gives them no score. Safe to share between threads.</remarks>
public sealed class MatchedVersion : PreparedModel
{
    private readonly ILearner _learner;
    private readonly int _items;
    private readonly int[] _places; // of the catalogue's items in the version; −1 for those it does not know
    private readonly int _unknown;
    private readonly bool _sameUserFeatures;
    private readonly ConcurrentBag<MatchedWorker> _idle;

    private MatchedVersion(ILearner learner, PreparedModel own, int items, int[] places, bool sameUserFeatures, ConcurrentBag<MatchedWorker> idle)
        : base(own.Parameters, own.Phase) => (_learner, Own, _items, _places, _unknown, _sameUserFeatures, _idle) = (learner, own, items, places, places.Count(place => place < 0), sameUserFeatures, idle);

    /// <summary>The version under its own catalogue.</summary>
    public PreparedModel Own { get; }

    /// <inheritdoc/>
    public override IDerivedWeights? Derived => Own.Derived;

    /// <summary>The learner for the version's own catalogue.</summary>
    public ILearner Learner => _learner;

    /// <summary>Items of the other catalogue that the version does not know.</summary>
    public int Unknown => _unknown;

    /// <summary>Matches a version.</summary>
    /// <param name="learner">The learner for the version's own catalogue.</param>
    /// <param name="parameters">Its values.</param>
    /// <param name="catalogue">Its own catalogue.</param>
    /// <param name="other">The other catalogue.</param>
    /// <param name="shape">What is known of users under it.</param>
    /// <exception cref="ArgumentException">The rows of a labelled table have other columns than the version was trained on, or the values are not those of the learner.</exception>
    public static MatchedVersion Of(ILearner learner, ReadOnlyMemory<float> parameters, VersionCatalogue catalogue, FederationCatalogue other, FederationShape shape)
    {
        var same = SameColumns(catalogue.UserFeatures?.Columns, shape.UserFeatures?.Columns);
        if (!same && catalogue.Task is not null)
        {
            throw new ArgumentException("The version was trained on rows with other features than this data has; its columns and their words must be the same.");
        }

        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var item = 0; item < catalogue.Items.Count; item++)
        {
            known.TryAdd(catalogue.Items[item], item);
        }

        int[] places = [.. Enumerable.Range(0, other.Items.Count).Select(item => known.GetValueOrDefault(other.Items[item], -1))];
        return new MatchedVersion(learner, learner.Prepare(parameters), catalogue.Items.Count, places, same, []);
    }

    /// <summary>Held-out interactions with items that the version does not know.</summary>
    public int UnknownIn(UserItems heldOut) => Enumerable.Range(0, heldOut.UserCount).Sum(user =>
    {
        var unknown = 0;
        foreach (var item in heldOut.Items(user))
        {
            unknown += _places[item] < 0 ? 1 : 0;
        }

        return unknown;
    });

    /// <summary>Refuses scores that are no numbers, of items that the version knows.</summary>
    /// <param name="scores">One per item of the other catalogue.</param>
    /// <exception cref="NotFiniteNumberException">The model has overflowed: what it ranks means nothing.</exception>
    public void ThrowUnlessFinite(ReadOnlySpan<float> scores)
    {
        for (var item = 0; item < scores.Length; item++)
        {
            if (_places[item] >= 0 && !float.IsFinite(scores[item]))
            {
                throw new NotFiniteNumberException("scores of users are not finite");
            }
        }
    }

    /// <summary>Scores with a worker that nobody else is using; it takes this version, and what is <see cref="With">made</see> of it.</summary>
    public T Score<T>(Func<ILearnerWorker, T> compute)
    {
        var worker = _idle.TryTake(out var idle) ? idle : MatchedWorker.Around(_learner.CreateWorker(), _items);
        var result = compute(worker); // after a failure the worker is not used again
        _idle.Add(worker);
        return result;
    }

    /// <summary>The same matching of another model of the learner, such as a client's own.</summary>
    public MatchedVersion With(PreparedModel own) => new(_learner, own, _items, _places, _sameUserFeatures, _idle);

    /// <summary>A client's data as the version knows it.</summary>
    public ClientData Translate(ClientData data)
    {
        var (offsets, own, ratings, weights, times) = (new int[data.UserCount + 1], new List<int>(), new List<float>(), new List<float>(), new List<long>());
        for (var user = 0; user < data.UserCount; user++)
        {
            var history = Translate(data.History(user), out _);
            own.AddRange(history.Items);
            ratings.AddRange(history.Ratings);
            weights.AddRange(history.Weights);
            foreach (var age in history.Ages)
            {
                times.Add(-(long)(2 * age)); // any times that give these ages
            }

            offsets[user + 1] = own.Count;
        }

        var rows = new UserItems(offsets, [.. own], ratings.Count == own.Count ? [.. ratings] : null, times.Count == own.Count ? [.. times] : null, weights: weights.Count == own.Count ? [.. weights] : null);
        return new ClientData(rows, Enumerable.Range(0, data.UserCount).ToArray(), _items);
    }

    internal int PlaceOf(int item) => _places[item];

    /// <summary>A history by the version's own items, ascending, without those it does not know.</summary>
    /// <param name="history">By the other catalogue's.</param>
    /// <param name="positions">Where each of them stands in <paramref name="history"/>.</param>
    internal UserHistory Translate(UserHistory history, out int[] positions)
    {
        var places = new List<int>(history.Items.Length);
        var from = new List<int>(history.Items.Length);
        for (var i = 0; i < history.Items.Length; i++)
        {
            if (_places[history.Items[i]] is >= 0 and var place)
            {
                places.Add(place);
                from.Add(i);
            }
        }

        int[] items = [.. places];
        positions = [.. from];
        Array.Sort(items, positions);
        var ages = Pick(history.Ages, positions);
        Ages.Among([.. ages], ages);
        return new UserHistory(items, Pick(history.Ratings, positions), _sameUserFeatures ? history.Features : [], Pick(history.Weights, positions), ages);
    }

    internal void Spread(ReadOnlySpan<float> own, Span<float> scores)
    {
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = _places[item] >= 0 ? own[_places[item]] : float.NaN;
        }
    }

    private static float[] Pick(ReadOnlySpan<float> values, int[] positions)
    {
        var picked = new float[values.IsEmpty ? 0 : positions.Length];
        for (var i = 0; i < picked.Length; i++)
        {
            picked[i] = values[positions[i]];
        }

        return picked;
    }

    private static bool SameColumns(IReadOnlyList<FeatureColumn>? one, IReadOnlyList<FeatureColumn>? other) =>
        (one?.Count ?? 0) == (other?.Count ?? 0) && (one ?? []).Zip(other ?? []).All(pair =>
            pair.First.Name == pair.Second.Name && pair.First.IsHashed == pair.Second.IsHashed && pair.First.Vocabulary.SequenceEqual(pair.Second.Vocabulary, StringComparer.Ordinal));
}
