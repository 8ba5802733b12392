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
        set_num_threads(1); // whoever calls has threads of his own
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
