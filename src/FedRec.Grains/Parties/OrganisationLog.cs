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

    /// <summary>What an organisation's grain has stored; null when it has stored nothing.</summary>
    public async Task<OrganisationHistory?> ReadAsync(GrainId grain, UserKey key, string client)
    {
        var head = new GrainState<SealedOrganisation>(new SealedOrganisation());
        await storage.ReadStateAsync(SealedOrganisation.Name, grain, head);
        return head.RecordExists && head.State is { } state ? await OpenAsync(grain, state, key, client) : null;
    }

    /// <summary>Opens a head with its segments.</summary>
    public async Task<OrganisationHistory> OpenAsync(GrainId grain, SealedOrganisation head, UserKey key, string client)
    {
        var changes = new List<RecordedChange>();
        for (var segment = 0; segment < head.Segments; segment++)
        {
            changes.AddRange(SealedUserState.Open((await FindAsync(grain, segment)).State!.Changes, key, client));
        }

        changes.AddRange(SealedUserState.Open(head.Changes, key, client));
        return new OrganisationHistory(changes, head.OpenOut(key, client));
    }

    /// <summary>Stores what no longer fits into the head.</summary>
    /// <returns>The head, to be written next.</returns>
    public async Task<SealedOrganisation> AppendAsync(GrainId grain, SealedOrganisation head, ImmutableArray<RecordedChange> changes, UserKey key, string client)
    {
        var rest = SealedUserState.Open(head.Changes, key, client).AddRange(changes);
        while (rest.Length >= HeadSize)
        {
            await WriteAsync(grain, head.Segments, rest[..Math.Min(rest.Length, SegmentSize)], key, client);
            head = head with { Segments = head.Segments + 1 };
            rest = rest[Math.Min(rest.Length, SegmentSize)..];
        }

        return head with { Changes = SealedUserState.Seal(rest, key, client) };
    }

    /// <summary>Erases what was recorded of users who are out.</summary>
    /// <returns>The head, to be written next.</returns>
    public async Task<SealedOrganisation> EraseAsync(GrainId grain, SealedOrganisation head, ImmutableDictionary<string, ErasedChanges> users, UserKey key, string client)
    {
        for (var segment = 0; segment < head.Segments; segment++)
        {
            var changes = SealedUserState.Open((await FindAsync(grain, segment)).State!.Changes, key, client);
            if (changes.Any(IsOut))
            {
                await WriteAsync(grain, segment, changes.RemoveAll(IsOut), key, client);
            }
        }

        return head with { Changes = SealedUserState.Seal(SealedUserState.Open(head.Changes, key, client).RemoveAll(IsOut), key, client) };

        bool IsOut(RecordedChange recorded) => users.ContainsKey(recorded.Change.User);
    }

    private async Task WriteAsync(GrainId grain, int number, ImmutableArray<RecordedChange> changes, UserKey key, string client)
    {
        var segment = await FindAsync(grain, number);
        segment.State = new SealedSegment { Changes = SealedUserState.Seal(changes, key, client) };
        await storage.WriteStateAsync(UserStates.NameOf(number), grain, segment);
    }

    private async Task<GrainState<SealedSegment>> FindAsync(GrainId grain, int number)
    {
        var segment = new GrainState<SealedSegment>(new SealedSegment());
        await storage.ReadStateAsync(UserStates.NameOf(number), grain, segment);
        return segment;
    }
}
