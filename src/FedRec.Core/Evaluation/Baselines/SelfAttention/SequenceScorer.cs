using FedRec.Core.Data;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Native;
using FedRec.Core.Updates;
using static TorchSharp.torch;

namespace FedRec.Core.Evaluation.Baselines.SelfAttention;

/// <summary>Scores with a trained network: what it says after the user's newest item. Thread-safe.</summary>
internal sealed class SequenceScorer : IScorer, IDisposable
{
    private readonly SequenceSettings _settings;
    private readonly ParameterLayout _layout;
    private readonly Tensor _parameters;

    /// <summary>Takes parameters over.</summary>
    public SequenceScorer(SequenceSettings settings, int items, float[] parameters)
    {
        TorchLoader.EnsureLoaded();
        (_settings, _layout) = (settings, SequenceNetwork.Layout(settings, items));
        _parameters = HostTensors.Matrix(parameters, parameters.Length).DetachFromDisposeScope();
    }

    /// <summary>How it was trained, in words.</summary>
    public string Chosen { get; init; } = "";

    /// <inheritdoc/>
    public void Score(int user, UserHistory history, Span<float> scores)
    {
        if (history.Items.IsEmpty)
        {
            scores.Clear(); // nothing is known: all items alike
            return;
        }

        using var scope = NewDisposeScope();
        var items = ItemSequences.Ordered(history);
        HostTensors.Values(Scores([items.AsMemory()[Math.Max(0, items.Length - _settings.MaxLength)..]])).CopyTo(scores);
    }

    /// <summary>Scores for several users at once; lives in the caller's dispose scope.</summary>
    /// <param name="sequences">Each user's newest items, the newest last.</param>
    /// <returns>[users, items].</returns>
    public Tensor Scores(IReadOnlyList<ReadOnlyMemory<int>> sequences)
    {
        using var unrecorded = no_grad();
        var batch = new SequenceBatch(sequences);
        var network = new SequenceNetwork(_settings, _layout, _parameters.flatten());
        return network.Scores(network.Run(batch), batch.LastRows());
    }

    /// <inheritdoc/>
    public void Dispose() => _parameters.Dispose();
}

/// <summary>How well a network finds items that were held out: NDCG@10 among all items that the user has not met.</summary>
/// <remarks>For choosing only: users by batches, which is far faster than one by one. Where a user has several such items, each is sought among the others too.</remarks>
/// <param name="history">What the network reads.</param>
/// <param name="heldOut">Each user's items to find; those of a user without history are passed over.</param>
internal sealed class NextItemQuality(ItemSequences history, int[][] heldOut)
{
    private const int Cutoff = 10;
    private const int Users = 64; // of a batch
    private readonly int[] _users = [.. Enumerable.Range(0, history.UserCount).Where(user => heldOut[user].Length > 0 && history.Of(user).Length > 0)];

    /// <summary>Whether there is an item to find.</summary>
    public bool IsEmpty => _users.Length == 0;

    /// <summary>Mean over users, in [0, 1].</summary>
    public double Of(SequenceSettings settings, int items, float[] parameters)
    {
        var gains = new double[_users.Length];
        using var scorer = new SequenceScorer(settings, items, parameters);
        Parallel.For(0, (_users.Length + Users - 1) / Users, new ParallelOptions { MaxDegreeOfParallelism = BaselineRegistry.Threads }, batch =>
        {
            using var scope = NewDisposeScope();
            var users = _users.AsSpan((batch * Users)..Math.Min((batch + 1) * Users, _users.Length)).ToArray();
            var scores = HostTensors.Values(scorer.Scores([.. users.Select(user => history.Newest(user, settings.MaxLength))]));
            for (var i = 0; i < users.Length; i++)
            {
                gains[(batch * Users) + i] = Gain(users[i], scores.Slice(i * items, items));
            }
        });
        return gains.Average();
    }

    private double Gain(int user, Span<float> scores)
    {
        foreach (var item in history.Of(user))
        {
            scores[item] = float.NegativeInfinity;
        }

        var gain = 0.0;
        foreach (var sought in heldOut[user])
        {
            var (above, own) = (0, scores[sought]);
            foreach (var score in scores)
            {
                above += score > own ? 1 : 0;
            }

            gain += above < Cutoff ? 1 / Math.Log2(above + 2) : 0;
        }

        return gain / heldOut[user].Length;
    }
}
