using System.Numerics.Tensors;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>Keeps local SGD near what is good for all clients: FedProx's pull and SCAFFOLD's control variates, on touched rows.</summary>
/// <remarks>A step becomes w ← w − η·(g + μ·(w − received w) + c − cᵢ). Rows that the client does not touch stay out of it: it does not
/// send them, and its control variate of them does not change, so that c stays the mean of all cᵢ. A row met in a later epoch
/// counts as touched from then on; its steps before that had gradient zero. Not thread-safe.</remarks>
internal sealed class DriftCorrection(LocalSgdOptions options, double learningRate, int itemCount, int dims)
{
    private readonly OwnControls? _own = options.Scaffold ? new OwnControls(itemCount, dims) : null;
    private float[] _pulls = []; // of FedProx, in each step
    private float[] _corrections = []; // of SCAFFOLD, the same in all steps of a round
    private int[] _laidAt = [];
    private int _rows;
    private int _steps;

    /// <summary>Begins with a client.</summary>
    /// <param name="state">What it has kept.</param>
    public void Begin(ReadOnlySpan<byte> state)
    {
        (_rows, _steps) = (0, 0);
        _own?.Load(state);
    }

    /// <summary>Notes that rows were laid out since the last time.</summary>
    /// <param name="model">The received parameters.</param>
    /// <param name="items">The items of all rows so far, slot after slot.</param>
    public void Lay(MatrixFactorizationModel model, ReadOnlySpan<int> items)
    {
        if (_laidAt.Length < items.Length)
        {
            Array.Resize(ref _laidAt, Math.Max(items.Length, 2 * _laidAt.Length));
            Array.Resize(ref _corrections, _own is null ? 0 : _laidAt.Length * dims);
            _pulls = new float[_laidAt.Length * dims];
        }

        _laidAt.AsSpan(_rows..items.Length).Fill(_steps);
        for (var slot = _rows; slot < items.Length && _own is not null; slot++)
        {
            var correction = _corrections.AsSpan(slot * dims, dims);
            TensorPrimitives.Subtract(_own[items[slot]], model.Controls.Span.Slice(items[slot] * dims, dims), correction);
            TensorPrimitives.Multiply(correction, (float)learningRate, correction);
        }

        _rows = items.Length;
    }

    /// <summary>Works the pulls of one step out, from the rows before it.</summary>
    /// <param name="model">The received parameters.</param>
    /// <param name="items">Touched items, slot after slot.</param>
    /// <param name="rows">Their rows.</param>
    public void Measure(MatrixFactorizationModel model, ReadOnlySpan<int> items, ReadOnlySpan<float> rows)
    {
        for (var slot = 0; slot < items.Length && options.Proximal > 0; slot++)
        {
            var pull = _pulls.AsSpan(slot * dims, dims);
            TensorPrimitives.Subtract(model.Items.Span.Slice(items[slot] * dims, dims), rows.Slice(slot * dims, dims), pull);
            TensorPrimitives.Multiply(pull, (float)learningRate * (float)options.Proximal, pull);
        }
    }

    /// <summary>Adds the corrections to the rows after the step.</summary>
    public void Apply(Span<float> rows)
    {
        if (options.Proximal > 0)
        {
            TensorPrimitives.Add(rows, _pulls.AsSpan(0, rows.Length), rows);
        }

        if (_own is not null)
        {
            TensorPrimitives.Add(rows, _corrections.AsSpan(0, rows.Length), rows);
        }

        _steps++;
    }

    /// <summary>Contributes what the client's control variates have changed by: option II, the mean gradient of its steps.</summary>
    /// <param name="model">The received parameters.</param>
    /// <param name="items">Touched items, slot after slot.</param>
    /// <param name="output">Begins with their deltas, trained minus received.</param>
    /// <param name="offset">Where control variates stand in the update.</param>
    /// <returns>What the client keeps; empty when it keeps nothing.</returns>
    public ReadOnlyMemory<byte> Finish(MatrixFactorizationModel model, ReadOnlySpan<int> items, UpdateBuffer output, int offset)
    {
        if (_own is null)
        {
            return default;
        }

        for (var slot = 0; slot < items.Length; slot++)
        {
            var change = output.Segment(offset + (items[slot] * dims), dims);
            var moved = output.Values.Slice(slot * dims, dims);
            var server = model.Controls.Span.Slice(items[slot] * dims, dims);
            var own = _own.Keep(items[slot]);
            var corrected = _steps - _laidAt[slot];
            for (var d = 0; d < dims; d++)
            {
                var gradients = (-moved[d] / learningRate) - (corrected * ((double)server[d] - own[d]));
                change[d] = (float)((gradients / _steps) - own[d]);
                own[d] += change[d];
            }
        }

        return _own.Save();
    }
}
