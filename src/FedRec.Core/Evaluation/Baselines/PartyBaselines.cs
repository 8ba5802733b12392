using FedRec.Core.Data;

namespace FedRec.Core.Evaluation.Baselines;

/// <summary>What a federation is worth: the same learner without one, with each party's data alone, or with all data in one place.</summary>
/// <remarks>Both train with the options, rounds and seed of the federated run, so that the only difference is who holds the data.</remarks>
public static class PartyBaselines
{
    /// <summary>Every party has a model of its own data, and scores its own users with it.</summary>
    public const string Alone = "alone";

    /// <summary>One model of the pooled data.</summary>
    public const string Centralised = "centralised";

    /// <summary>The most parties that train alone: each of them costs as much memory as the model, and single users cannot train one.</summary>
    public const int MostAlone = 256;

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [Alone, Centralised];

    /// <summary>Trains one of them.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="partition">The parties.</param>
    /// <param name="train">Gives a scorer trained on some clients with a seed; called once for each party, or once.</param>
    /// <returns>A scorer that may be shared by threads.</returns>
    /// <exception cref="ArgumentException">There is no such baseline, or the clients are single users or too many.</exception>
    public static IScorer Create(string name, ClientPartition partition, Func<ClientData, IScorer> train) => name switch
    {
        Alone when partition.Count > MostAlone || partition.Count == partition.UserCount => throw new ArgumentException(
            $"The baseline {Alone} trains a model for each party, but this federation has {partition.Count} clients with {partition.UserCount} users; it needs at most {MostAlone} parties with several users each (--parties).", nameof(name)),
        Alone => new AloneScorer(partition, [.. partition.Clients.Select(train)]),
        Centralised => train(partition.Pooled()),
        _ => throw new ArgumentException($"There is no baseline '{name}'; choose one of {string.Join(", ", Names)}.", nameof(name)),
    };

    private sealed class AloneScorer(ClientPartition partition, IReadOnlyList<IScorer> parties) : IScorer
    {
        public void Score(int user, UserHistory history, Span<float> scores) => Of(user).Score(user, history, scores);

        public bool TryPredict(int user, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions) =>
            Of(user).TryPredict(user, history, items, predictions);

        private IScorer Of(int user) => parties[partition.Find(user).Client];
    }
}
