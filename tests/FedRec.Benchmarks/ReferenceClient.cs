using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedRec.Benchmarks;

/// <summary>The same client as straight code without spans, options or any other dimension than 32: pointers into aligned memory.</summary>
/// <remarks>Rows in, two SGD steps on the mean cross-entropy, rows out; the yardstick for the learner's kernel.</remarks>
internal sealed unsafe class ReferenceClient : IDisposable
{
    private const int Dims = WorkloadW.Dims;
    private readonly float* _rows = Allocate(WorkloadW.Examples * Dims);
    private readonly float* _margins = Allocate(WorkloadW.Batch + 16);
    private readonly float* _user = Allocate(Dims);

    public double Train(float* table, float* user, int* examples, float* delta, float rate, float l2User, float l2Item)
    {
        Buffer.MemoryCopy(user, _user, Dims * 4, Dims * 4);
        for (var i = 0; i < WorkloadW.Examples; i++)
        {
            var from = table + ((examples[i] >> 1) * Dims);
            var to = _rows + (i * Dims);
            Vector512.Load(from).StoreAligned(to);
            Vector512.Load(from + 16).StoreAligned(to + 16);
        }

        var loss = 0.0;
        for (var start = 0; start < WorkloadW.Examples; start += WorkloadW.Batch)
        {
            loss += Step(examples + start, _rows + (start * Dims), Math.Min(WorkloadW.Batch, WorkloadW.Examples - start), rate, l2User, l2Item);
        }

        for (var i = 0; i < WorkloadW.Examples; i++)
        {
            var from = table + ((examples[i] >> 1) * Dims);
            var to = delta + (i * Dims);
            (Vector512.LoadAligned(_rows + (i * Dims)) - Vector512.Load(from)).Store(to);
            (Vector512.LoadAligned(_rows + (i * Dims) + 16) - Vector512.Load(from + 16)).Store(to + 16);
        }

        return loss;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_rows);
        NativeMemory.AlignedFree(_margins);
        NativeMemory.AlignedFree(_user);
    }

    public static float* Allocate(int values) => (float*)NativeMemory.AlignedAlloc((nuint)values * 4, 64);

    private double Step(int* examples, float* rows, int count, float rate, float l2User, float l2Item)
    {
        var (u0, u1) = (Vector512.LoadAligned(_user), Vector512.LoadAligned(_user + 16));
        for (var i = 0; i < count; i++)
        {
            var score = Vector512.Sum((Vector512.LoadAligned(rows + (i * Dims)) * u0) + (Vector512.LoadAligned(rows + (i * Dims) + 16) * u1));
            _margins[i] = (examples[i] & 1) != 0 ? score : -score;
        }

        for (var i = count; i % 16 != 0; i++)
        {
            _margins[i] = 100;
        }

        var loss = Vector512<float>.Zero;
        for (var i = 0; i < count; i += 16)
        {
            var z = Vector512.LoadAligned(_margins + i);
            var t = Vector512.Exp(-Vector512.Abs(z));
            var top = Vector512.ConditionalSelect(Vector512.LessThanOrEqual(z, Vector512<float>.Zero), Vector512<float>.One, t);
            (top / (Vector512<float>.One + t)).StoreAligned(_margins + i);
            loss += Vector512.Max(-z, Vector512<float>.Zero) + Vector512.Log(Vector512<float>.One + t);
        }

        rate /= count;
        var (g0, g1, keep) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512.Create(1 - (rate * l2Item)));
        for (var i = 0; i < count; i++)
        {
            var row = rows + (i * Dims);
            var error = Vector512.Create((examples[i] & 1) != 0 ? -_margins[i] : _margins[i]);
            var step = error * -rate;
            var (v0, v1) = (Vector512.LoadAligned(row), Vector512.LoadAligned(row + 16));
            g0 = Vector512.FusedMultiplyAdd(error, v0, g0);
            g1 = Vector512.FusedMultiplyAdd(error, v1, g1);
            Vector512.FusedMultiplyAdd(step, u0, keep * v0).StoreAligned(row);
            Vector512.FusedMultiplyAdd(step, u1, keep * v1).StoreAligned(row + 16);
        }

        var keepUser = Vector512.Create(1 - (rate * count * l2User));
        ((keepUser * u0) - (g0 * rate)).StoreAligned(_user);
        ((keepUser * u1) - (g1 * rate)).StoreAligned(_user + 16);
        return Vector512.Sum(loss);
    }
}
