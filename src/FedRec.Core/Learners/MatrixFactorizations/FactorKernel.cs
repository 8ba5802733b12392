using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FedRec.Core.Learners.LinearAlgebra;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>One SGD step on a batch of one user's examples, under any loss of their scores u·v.</summary>
/// <remarks>Every example of a batch is another item, so its row is read and written in one pass with the old values.
/// Loss of the batch, over its n terms: (Σ terms + Σ_examples λ_v/2·‖v‖²)/n + λ_u/2·‖u‖². Not thread-safe.</remarks>
internal sealed class FactorKernel(int dims, double learningRate, double l2User, double l2Item, IBatchLoss loss)
{
    private const int Lanes = VectorKernels.Lanes;
    private readonly float[] _gradient = new float[dims];
    private float[] _errors = [];

    /// <summary>Takes one step.</summary>
    /// <param name="user">u, dims values; stepped.</param>
    /// <param name="rows">Item vectors, slot after slot; those of the batch are stepped.</param>
    /// <param name="batch">Examples: 2·slot, plus 1 for an own item; no slot twice.</param>
    /// <returns>Summed loss of the batch before the step, without L2.</returns>
    public double Step(Span<float> user, Span<float> rows, ReadOnlySpan<int> batch)
    {
        var padded = (batch.Length + Lanes - 1) & ~(Lanes - 1);
        if (_errors.Length < padded)
        {
            _errors = new float[padded];
        }

        ref var u = ref MemoryMarshal.GetReference(user);
        ref var table = ref MemoryMarshal.GetReference(rows);
        Scores(ref u, ref table, batch);
        var (total, terms) = loss.ToErrors(_errors.AsSpan(0, padded), batch);
        var rate = (float)(learningRate / terms);
        StepRows(ref u, ref table, batch, rate);
        var keep = (float)(1 - (learningRate * l2User));
        for (var i = 0; i < user.Length; i++)
        {
            user[i] = (keep * user[i]) - (rate * _gradient[i]);
        }

        return total;
    }

    /// <summary>u·v of each example.</summary>
    private void Scores(ref float u, ref float rows, ReadOnlySpan<int> batch)
    {
        ref var scores = ref MemoryMarshal.GetArrayDataReference(_errors);
        var column = 0;
        for (; column <= dims - (2 * Lanes); column += 2 * Lanes)
        {
            AddScores(ref Unsafe.Add(ref u, column), ref Unsafe.Add(ref rows, column), batch, ref scores, column == 0);
        }

        for (var i = 0; column < dims && i < batch.Length; i++)
        {
            ref var row = ref Unsafe.Add(ref rows, ((batch[i] >> 1) * dims) + column);
            var rest = VectorKernels.Dot(ref Unsafe.Add(ref u, column), ref row, dims - column);
            Unsafe.Add(ref scores, i) = column == 0 ? rest : Unsafe.Add(ref scores, i) + rest;
        }
    }

    /// <summary>Thirty-two columns of u·v, with their part of u in registers.</summary>
    private void AddScores(ref float u, ref float rows, ReadOnlySpan<int> batch, ref float scores, bool first)
    {
        var (u0, u1) = (VectorKernels.Load(ref u, 0), VectorKernels.Load(ref u, Lanes));
        for (var i = 0; i < batch.Length; i++)
        {
            ref var row = ref Unsafe.Add(ref rows, (batch[i] >> 1) * dims);
            var product = Vector512.FusedMultiplyAdd(VectorKernels.Load(ref row, Lanes), u1, VectorKernels.Load(ref row, 0) * u0);
            var sum = VectorKernels.Sum(product);
            Unsafe.Add(ref scores, i) = first ? sum : Unsafe.Add(ref scores, i) + sum;
        }
    }

    /// <summary>Steps each row of the batch and collects the gradient of u from their old values.</summary>
    private void StepRows(ref float u, ref float rows, ReadOnlySpan<int> batch, float rate)
    {
        Array.Clear(_gradient);
        ref var gradient = ref MemoryMarshal.GetArrayDataReference(_gradient);
        var keep = 1 - (rate * (float)l2Item);
        var column = 0;
        for (; column <= dims - (2 * Lanes); column += 2 * Lanes)
        {
            StepColumns(ref Unsafe.Add(ref u, column), ref Unsafe.Add(ref rows, column), batch, ref Unsafe.Add(ref gradient, column), rate, keep);
        }

        for (var i = 0; column < dims && i < batch.Length; i++)
        {
            StepTail(ref u, ref Unsafe.Add(ref rows, (batch[i] >> 1) * dims), _errors[i], ref gradient, (column, rate, keep));
        }
    }

    /// <summary>Thirty-two columns: their gradient and their part of u stay in registers.</summary>
    private void StepColumns(ref float u, ref float rows, ReadOnlySpan<int> batch, ref float gradient, float rate, float keep)
    {
        var (u0, u1) = (VectorKernels.Load(ref u, 0), VectorKernels.Load(ref u, Lanes));
        var (g0, g1) = (Vector512<float>.Zero, Vector512<float>.Zero);
        var keeps = Vector512.Create(keep);
        ref var errorsOfBatch = ref MemoryMarshal.GetArrayDataReference(_errors);
        for (var i = 0; i < batch.Length; i++)
        {
            ref var row = ref Unsafe.Add(ref rows, (batch[i] >> 1) * dims);
            var error = Unsafe.Add(ref errorsOfBatch, i);
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
}
