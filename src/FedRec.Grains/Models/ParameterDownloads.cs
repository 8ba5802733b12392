using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Runs;
using FedRec.Core.Updates;
using FedRec.Grains.Training;
using Microsoft.Extensions.Options;

namespace FedRec.Grains.Models;

/// <summary>Fetches the parameters of rounds from their runs, in blocks: what has changed, where the silo holds those of an earlier round.</summary>
/// <remarks>What a difference leads to must have the hash that the run says; where it has not, the silo held something else than the run, such as a round that was
/// trained again after a crash, and fetches all.</remarks>
internal sealed partial class ParameterDownloads(IGrainFactory grains, IOptions<TrainingOptions> options, ILogger<ParameterDownloads> log)
{
    private readonly ConcurrentDictionary<string, bool> _tellChanges = new(); // runs on silos that do; those of an earlier release do not

    /// <summary>The parameters after a round, and where the run stood with them.</summary>
    /// <param name="wanted">The run and the round.</param>
    /// <param name="held">What the silo holds of an earlier round of the run; null for nothing.</param>
    /// <exception cref="ArgumentException">The run no longer holds that round.</exception>
    /// <exception cref="InvalidDataException">All of the parameters arrived, and they are not those of the run.</exception>
    public async Task<(ReadOnlyMemory<float> Values, string? Phase)> FetchAsync(ModelReference wanted, (int Round, ReadOnlyMemory<float> Values)? held)
    {
        if (held is not { } before || !_tellChanges.ContainsKey(wanted.RunKey))
        {
            return await FetchAllAsync(wanted);
        }

        var request = new ParameterRequest(wanted.Round, before.Round, 0, options.Value.SumBlockBytes);
        try
        {
            var (change, sent) = await ReadAsync(wanted, request);
            if (Find(change, sent, before.Values) is { } values)
            {
                return (values, change.Phase);
            }
        }
        catch (Exception exception) when (exception is not (ArgumentException or TimeoutException))
        {
            LogNoChange(wanted.RunKey, wanted.Round, exception); // the run may have moved to a silo of an earlier release, which does not know what is asked
            Forget(wanted.RunKey);
            return await FetchAllAsync(wanted);
        }

        LogResync(wanted.RunKey, before.Round, wanted.Round);
        var (all, bytes) = await ReadAsync(wanted, request with { Held = null, IsResync = true });
        return (Find(all, bytes, default) ?? throw new InvalidDataException($"The parameters of run {wanted.RunKey} after round {wanted.Round} have not the hash that the run says."), all.Phase);
    }

    /// <summary>Forgets a run that has ended.</summary>
    public void Forget(string runKey) => _tellChanges.TryRemove(runKey, out _);

    // Null where it is not what the run has.
    private static float[]? Find(ParameterChange change, byte[] sent, ReadOnlyMemory<float> held)
    {
        try
        {
            var values = change.IsDifference ? ParameterDifference.Apply(held.Span, sent) : MemoryMarshal.Cast<byte, float>(sent).ToArray();
            return Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan()))) == change.Sha256 ? values : null;
        }
        catch (InvalidDataException)
        {
            return null; // a difference that does not fit what is held: as one that leads elsewhere
        }
    }

    private async Task<(ParameterChange Last, byte[] Sent)> ReadAsync(ModelReference wanted, ParameterRequest request)
    {
        var run = grains.GetGrain<IRunGrain>(wanted.RunKey);
        byte[]? sent = null;
        for (var offset = 0; ;)
        {
            var part = await run.ReadChangeAsync(request with { Offset = offset }) ?? throw NotHeld(wanted);
            sent ??= new byte[part.TotalBytes];
            part.Bytes.CopyTo(sent.AsMemory(offset));
            offset += part.Bytes.Length;
            if (offset == sent.Length)
            {
                return (part, sent);
            }
        }
    }

    private async Task<(ReadOnlyMemory<float> Values, string? Phase)> FetchAllAsync(ModelReference wanted)
    {
        var run = grains.GetGrain<IRunGrain>(wanted.RunKey);
        float[]? values = null;
        var (offset, phase) = (0, default(string));
        do
        {
            var slice = await run.ReadParametersAsync(wanted.Round, offset, options.Value.SumBlockBytes) ?? throw NotHeld(wanted);
            values ??= new float[slice.TotalBytes / sizeof(float)];
            slice.Bytes.Span.CopyTo(MemoryMarshal.AsBytes(values.AsSpan())[offset..]);
            (offset, phase) = (offset + slice.Bytes.Length, slice.Phase);
            _ = slice.TellsChanges && _tellChanges.TryAdd(wanted.RunKey, true);
        }
        while (offset < values.Length * sizeof(float));

        return (values, phase);
    }

    private static ArgumentException NotHeld(ModelReference wanted) => new($"Run {wanted.RunKey} no longer holds the parameters after round {wanted.Round}.", nameof(wanted));

    [LoggerMessage(LogLevel.Warning, "Run {Run}: the parameters after round {Held} that this silo holds are not those of the run; it fetches all of those after round {Round}")]
    private partial void LogResync(string run, int held, int round);

    [LoggerMessage(LogLevel.Information, "Run {Run}: what has changed until after round {Round} was not told; all is fetched")]
    private partial void LogNoChange(string run, int round, Exception exception);
}
