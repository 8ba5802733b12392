using System.Collections.Immutable;
using FedRec.Contracts.Access;

namespace FedRec.Grains.Access;

/// <summary>The newest entries in one record: operators change little, and look at the last of it.</summary>
internal sealed class AccessLogGrain([PersistentState("access-log", GrainsSetup.StorageName)] IPersistentState<AccessLogState> saved, TimeProvider time) : Grain, IAccessLogGrain
{
    public async Task<AccessLogEntry> AppendAsync(AccessLogNote note, CancellationToken cancellationToken = default)
    {
        if (!IsText(note.Caller, 300) || !IsText(note.Action, 500))
        {
            throw new ArgumentException("An entry says who and what, in at most 300 and 500 characters without control characters.", nameof(note));
        }

        var entries = saved.State.Entries;
        var last = entries.IsEmpty ? null : entries[^1];
        var entry = AccessLogEntry.Next((last?.Number ?? 0) + 1, DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()), note, last?.Hash ?? "");
        saved.State = new AccessLogState { Entries = [.. entries.Skip(entries.Length + 1 - IAccessLogGrain.Most), entry] };
        await saved.WriteOrDeactivateAsync(this);
        return entry;
    }

    public Task<ImmutableArray<AccessLogEntry>> ReadAsync(CancellationToken cancellationToken = default) => Task.FromResult(saved.State.Entries);

    private static bool IsText(string text, int most) => text.Length > 0 && text.Length <= most && !text.Any(char.IsControl);
}

/// <summary>The log as it is stored.</summary>
[GenerateSerializer, Alias("fedrec.state.access-log")]
internal sealed record AccessLogState
{
    /// <summary>Oldest first.</summary>
    [Id(0)] public ImmutableArray<AccessLogEntry> Entries { get; init; } = [];
}
