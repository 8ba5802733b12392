using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Updates;

namespace FedRec.Grains.Runs;

/// <summary>The parameters after the rounds that clients may need, for silos that ask: all of them, or what has changed since a round whose parameters the silo holds.</summary>
/// <remarks>A difference is packed when it is first asked for, once for all silos. Used on the run grain's scheduler; packing runs beside it.</remarks>
internal sealed class OfferedParameters
{
    private readonly Dictionary<int, (ReadOnlyMemory<float> Values, LearningPhase Phase)> _after = [];
    private readonly Dictionary<(int Round, int Held), Task<byte[]?>> _packed = []; // null where all is smaller
    private readonly Dictionary<int, Task<string>> _hashes = [];
    private (long Bytes, int Resyncs) _sent;

    /// <summary>Parameters after a round.</summary>
    /// <exception cref="KeyNotFoundException">They are not held any more.</exception>
    public ReadOnlyMemory<float> After(int round) => _after[round].Values;

    /// <summary>Offers the parameters after a round; they must not change any more.</summary>
    public void Put(int round, ReadOnlyMemory<float> values, LearningPhase phase)
    {
        Drop(one => one == round); // another model may stand there after a failure
        _after[round] = (values, phase);
    }

    /// <summary>Lets the parameters of rounds before one of them go.</summary>
    public void Forget(int before) => Drop(round => round < before);

    /// <summary>Bytes that were sent, and silos that had to be sent all, since this was last asked.</summary>
    public (long Bytes, int Resyncs) TakeSent()
    {
        var sent = _sent;
        _sent = default;
        return sent;
    }

    /// <summary>A part of the parameters after a round; null when they are not held.</summary>
    public ParameterSlice? Read(int round, int offset, int count)
    {
        if (!_after.TryGetValue(round, out var parameters))
        {
            return null;
        }

        var bytes = MemoryMarshal.AsBytes(parameters.Values.Span);
        return new ParameterSlice(bytes.Length, Part(bytes, offset, count), parameters.Phase.ToString()) { TellsChanges = true };
    }

    /// <summary>A part of what has changed, or of the parameters where that is larger or not known; null when the round is not held.</summary>
    public async Task<ParameterChange?> ReadChangeAsync(ParameterRequest request)
    {
        if (!_after.TryGetValue(request.Round, out var parameters))
        {
            return null;
        }

        _sent.Resyncs += request is { IsResync: true, Offset: 0 } ? 1 : 0;
        var difference = request is { IsResync: false, Held: { } held } && _after.TryGetValue(held, out var before) && before.Values.Length == parameters.Values.Length
            ? await Once(_packed, (request.Round, held), () => ParameterDifference.Pack(before.Values.Span, parameters.Values.Span)) : null;
        var hash = await Once(_hashes, request.Round, () => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(parameters.Values.Span))));
        var bytes = difference ?? MemoryMarshal.AsBytes(parameters.Values.Span);
        return new ParameterChange(bytes.Length, Part(bytes, request.Offset, request.Count), parameters.Phase.ToString(), hash, difference is not null);
    }

    private static Task<T> Once<TKey, T>(Dictionary<TKey, Task<T>> known, TKey key, Func<T> compute)
        where TKey : notnull
    {
        if (!known.TryGetValue(key, out var computing))
        {
            known[key] = computing = Task.Run(compute);
        }

        return computing;
    }

    private byte[] Part(ReadOnlySpan<byte> bytes, int offset, int count)
    {
        var part = bytes.Slice(offset, Math.Min(Math.Min(count, ParameterSlice.MostBytes), bytes.Length - offset)).ToArray();
        _sent.Bytes += part.Length;
        return part;
    }

    private void Drop(Func<int, bool> which)
    {
        foreach (var round in _after.Keys.Where(which).ToArray())
        {
            _after.Remove(round);
            _hashes.Remove(round);
        }

        foreach (var key in _packed.Keys.Where(key => which(key.Round) || which(key.Held)).ToArray())
        {
            _packed.Remove(key);
        }
    }
}
