using System.Collections.Immutable;
using System.Text.Json;
using FedRec.Contracts.Clients;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace FedRec.Grains.Parties;

/// <summary>What an organisation's grain stores: a head with what came last, beside segments that are not written again, but where a user is forgotten.</summary>
[GenerateSerializer, Alias("fedrec.state.organisation")]
internal sealed record SealedOrganisation
{
    /// <summary>Name of the stored state.</summary>
    public const string Name = "organisation";

    /// <summary>What was recorded after the segments, sealed; empty when there is nothing.</summary>
    [Id(0)] public ReadOnlyMemory<byte> Changes { get; init; }

    /// <summary>Segments that are stored beside it.</summary>
    [Id(1)] public int Segments { get; init; }

    /// <summary>Users who are out and what was erased of them, sealed; empty when nobody is.</summary>
    [Id(2)] public ReadOnlyMemory<byte> Out { get; init; }

    /// <summary>Whether the name is taken for users who are clients by themselves; null before it is taken at all.</summary>
    [Id(3)] public bool? IsOfUsers { get; init; }

    /// <summary>Whether an organisation is there.</summary>
    public bool HoldsAny => Segments > 0 || !Changes.IsEmpty || !Out.IsEmpty;

    /// <summary>Users who are out.</summary>
    public ImmutableDictionary<string, ErasedChanges> OpenOut(UserKey key, string client) => Out.IsEmpty ? ImmutableDictionary<string, ErasedChanges>.Empty
        : JsonSerializer.Deserialize<ImmutableDictionary<string, ErasedChanges>>(key.Open(client, Out.Span))!;

    /// <summary>With users who are out.</summary>
    public SealedOrganisation With(ImmutableDictionary<string, ErasedChanges> users, UserKey key, string client) =>
        this with { Out = key.Seal(client, JsonSerializer.SerializeToUtf8Bytes(users)) };
}

/// <summary>Where organisations' grains store what their users did, so that an event costs its own bytes and not the history's.</summary>
/// <remarks>Few events at once go to the head, which becomes a segment when it is full; many at once become segments of their own. A segment that was written before a
/// crash, and that no head counts, is written again.</remarks>
internal sealed class OrganisationLog([FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage storage)
{
    /// <summary>Changes that the head holds at most.</summary>
    public const int HeadSize = 256;

    /// <summary>Changes that a segment holds at most.</summary>
    public const int SegmentSize = 4_096;

    private static readonly SegmentedLog s_log = new(HeadSize, SegmentSize);

    /// <summary>What an organisation's grain has stored; null when it has stored nothing.</summary>
    public async Task<OrganisationHistory?> ReadAsync(GrainId grain, UserKey key, string client)
    {
        var head = new GrainState<SealedOrganisation>(new SealedOrganisation());
        await storage.ReadStateAsync(SealedOrganisation.Name, grain, head);
        return head.RecordExists && head.State is { } state ? await OpenAsync(grain, state, key, client) : null;
    }

    /// <summary>Opens a head with its segments.</summary>
    /// <exception cref="InvalidDataException">A segment is missing.</exception>
    public async Task<OrganisationHistory> OpenAsync(GrainId grain, SealedOrganisation head, UserKey key, string client) => new(
        await SegmentedLog.ReadAsync(head.Segments, SealedUserState.Open(head.Changes, key, client), Segments(grain, key, client).ReadAsync), head.OpenOut(key, client));

    /// <summary>Stores what no longer fits into the head.</summary>
    /// <returns>The head, to be written next.</returns>
    public async Task<SealedOrganisation> AppendAsync(GrainId grain, SealedOrganisation head, ImmutableArray<RecordedChange> changes, UserKey key, string client)
    {
        var (segments, tail) = await s_log.AppendAsync(head.Segments, SealedUserState.Open(head.Changes, key, client), changes, Segments(grain, key, client).WriteAsync);
        return head with { Segments = segments, Changes = SealedUserState.Seal(tail, key, client) };
    }

    /// <summary>Erases what was recorded of users who are out.</summary>
    /// <returns>The head, to be written next.</returns>
    /// <exception cref="InvalidDataException">A segment is missing.</exception>
    public async Task<SealedOrganisation> EraseAsync(GrainId grain, SealedOrganisation head, ImmutableDictionary<string, ErasedChanges> users, UserKey key, string client)
    {
        var segments = Segments(grain, key, client);
        for (var segment = 0; segment < head.Segments; segment++)
        {
            var changes = await segments.ReadAsync(segment);
            if (changes.Any(IsOut))
            {
                await segments.WriteAsync(segment, changes.RemoveAll(IsOut));
            }
        }

        return head with { Changes = SealedUserState.Seal(SealedUserState.Open(head.Changes, key, client).RemoveAll(IsOut), key, client) };

        bool IsOut(RecordedChange recorded) => users.ContainsKey(recorded.Change.User);
    }

    private HistorySegments Segments(GrainId grain, UserKey key, string client) => new(storage, grain, key, client);
}
