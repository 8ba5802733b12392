using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FedRec.Core.Models.LinearAlgebra;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>One SGD step on the mean binary cross-entropy of a batch of one user's examples.</summary>
/// <remarks>Every example of a batch is another item, so its row is read and written in one pass with the old values.
/// Loss of the batch: mean(ln(1 + e⁻ᶻ) + λ_v/2·‖v‖²) + λ_u/2·‖u‖², with z = ±u·v. Not thread-safe.</remarks>
internal sealed class LogisticKernel(int dims, double learningRate, double l2User, double l2Item)
{
    private const int Lanes = VectorKernels.Lanes;
    private readonly float[] _gradient = new float[dims];
    private float[] _errors = [];

    /// <summary>Takes one step.</summary>
    /// <param name="user">u, dims values; stepped.</param>
    /// <param name="rows">Item vectors, slot after slot; those of the batch are stepped.</param>
    /// <param name="batch">Examples: 2·slot, plus 1 for an own item; no slot twice.</param>
    /// <returns>Summed cross-entropy of the batch before the step, without L2.</returns>
    public double Step(Span<float> user, Span<float> rows, ReadOnlySpan<int> batch)
    {
        var padded = (batch.Length + Lanes - 1) & ~(Lanes - 1);
        if (_errors.Length < padded)
        {
            _errors = new float[padded];
        }

        ref var u = ref MemoryMarshal.GetReference(user);
        ref var table = ref MemoryMarshal.GetReference(rows);
        Margins(ref u, ref table, batch);
        _errors.AsSpan(batch.Length, padded - batch.Length).Fill(100); // margins without loss or error
        var loss = Errors(_errors.AsSpan(0, padded));
        StepRows(ref u, ref table, batch);
        var rate = (float)(learningRate / batch.Length);
        var keep = (float)(1 - (learningRate * l2User));
        for (var i = 0; i < user.Length; i++)
        {
            user[i] = (keep * user[i]) - (rate * _gradient[i]);
        }

        return loss;
    }

    /// <summary>z = u·v for own items, −u·v for negatives.</summary>
    private void Margins(ref float u, ref float rows, ReadOnlySpan<int> batch)
    {
        for (var i = 0; i < batch.Length; i++)
        {
            var example = batch[i];
            var score = VectorKernels.Dot(ref u, ref Unsafe.Add(ref rows, (example >> 1) * dims), dims);
            _errors[i] = (example & 1) != 0 ? score : -score;
        }
    }

    /// <summary>Replaces margins z by σ(−z), the size of the error.</summary>
    /// <returns>Sum of ln(1 + e⁻ᶻ).</returns>
    private static double Errors(Span<float> margins)
    {
        ref var first = ref MemoryMarshal.GetReference(margins);
        var loss = Vector512<float>.Zero;
        for (var i = 0; i < margins.Length; i += Lanes)
        {
            var z = VectorKernels.Load(ref first, i);
            var t = Vector512.Exp(-Vector512.Abs(z)); // at most 1: no overflow on either side
            var one = Vector512<float>.One;
            var numerator = Vector512.ConditionalSelect(Vector512.LessThanOrEqual(z, Vector512<float>.Zero), one, t);
            (numerator / (one + t)).StoreUnsafe(ref first, (nuint)i);
            loss += Vector512.Max(-z, Vector512<float>.Zero) + Vector512.Log(one + t);
        }

        return VectorKernels.Sum(loss);
    }

    /// <summary>Steps each row of the batch and collects the gradient of u from their old values.</summary>
    private void StepRows(ref float u, ref float rows, ReadOnlySpan<int> batch)
    {
        Array.Clear(_gradient);
        ref var gradient = ref MemoryMarshal.GetArrayDataReference(_gradient);
        var rate = (float)(learningRate / batch.Length);
        var keep = 1 - (rate * (float)l2Item);
        var column = 0;
        for (; column <= dims - (2 * Lanes); column += 2 * Lanes)
        {
            StepColumns(ref Unsafe.Add(ref u, column), ref Unsafe.Add(ref rows, column), batch, ref Unsafe.Add(ref gradient, column), rate, keep);
        }

        for (var i = 0; column < dims && i < batch.Length; i++)
        {
            StepTail(ref u, ref Unsafe.Add(ref rows, (batch[i] >> 1) * dims), Error(batch[i], i), ref gradient, (column, rate, keep));
        }
    }

    /// <summary>Thirty-two columns: their gradient and their part of u stay in registers.</summary>
    private void StepColumns(ref float u, ref float rows, ReadOnlySpan<int> batch, ref float gradient, float rate, float keep)
    {
        var (u0, u1) = (VectorKernels.Load(ref u, 0), VectorKernels.Load(ref u, Lanes));
        var (g0, g1) = (Vector512<float>.Zero, Vector512<float>.Zero);
        var keeps = Vector512.Create(keep);
        for (var i = 0; i < batch.Length; i++)
        {
            ref var row = ref Unsafe.Add(ref rows, (batch[i] >> 1) * dims);
            var error = Error(batch[i], i);
            var (errors, step) = (Vector512.Create(error), Vector512.Create(-rate * error));
            var (v0, v1) = (VectorKernels.Load(ref row, 0), VectorKernels.Load(ref row, Lanes));
            g0 = Vector512.FusedMultiplyAdd(errors, v0, g0);
            g1 = Vector512.FusedMultiplyAdd(errors, v1, g1);
            Vector512.FusedMultiplyAdd(step, u0, keeps * v0).StoreUnsafe(ref row);
            Vector512.FusedMultiplyAdd(step, u1, keeps * v1).StoreUnsafe(ref row, Lanes);
        }

        g0.StoreUnsafe(ref gradient);
        g1.StoreUnsafe(ref gradient, Lanes);
    }

    private void StepTail(ref float u, ref float row, float error, ref float gradient, (int From, float Rate, float Keep) step)
    {
        for (var column = step.From; column < dims; column++)
        {
            ref var value = ref Unsafe.Add(ref row, column);
            Unsafe.Add(ref gradient, column) += error * value;
            value = MathF.FusedMultiplyAdd(-step.Rate * error, Unsafe.Add(ref u, column), step.Keep * value);
        }
    }

    /// <summary>dL/dŷ: negative for own items.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Error(int example, int i) => (example & 1) != 0 ? -_errors[i] : _errors[i];
}
