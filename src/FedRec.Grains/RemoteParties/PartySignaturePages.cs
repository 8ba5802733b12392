using System.Collections.Immutable;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Grains.RemoteParties;

/// <summary>What a party has signed, in pages beside its state: one update more does not write all of them again.</summary>
/// <remarks>An update is in the state, with its signature, before its round sees it, and stays when the round has counted it: so no sum has an update of a party without its signature, whatever
/// crashes. A page that is full is written before the state that counts it; one that no state counts is written again.</remarks>
/// <param name="open">A page's state, by its name.</param>
internal sealed class PartySignaturePages(Func<string, LazyState<PartySignaturePage>> open)
{
    /// <summary>Updates of a page.</summary>
    public const int Size = 16;

    private static readonly SegmentedLog s_log = new(Size, Size);

    /// <summary>The state with an update that is about to be offered to its round. One before it, of which it never became known whether it was counted, is kept as such.</summary>
    public async Task<PartyState> OfferedAsync(PartyState state, SignedUpdate update) =>
        (state.Unsettled is { } before && before.Update != update.Update ? await AppendAsync(state, before) : state) with { Unsettled = update };

    /// <summary>The state when the update that was offered is settled: kept where it was counted.</summary>
    public async Task<PartyState> SettledAsync(PartyState state, bool isCounted) =>
        (state.Unsettled is { } update && isCounted ? await AppendAsync(state, update with { IsCounted = true }) : state) with { Unsettled = null };

    /// <summary>What was signed for a run.</summary>
    public async Task<ImmutableArray<SignedUpdate>> ReadAsync(PartyState state, string run)
    {
        var all = await SegmentedLog.ReadAsync(state.SignedPages, Tail(state), async number => (await PageAsync(number)).State.Updates);
        return [.. (state.Unsettled is { } update ? all.Add(update) : all).Where(update => update.Update.Run == run)];
    }

    /// <summary>Takes all pages away.</summary>
    public async Task ClearAsync(PartyState state)
    {
        for (var number = 0; number <= state.SignedPages; number++) // one more: a crash may have left it behind
        {
            await (await PageAsync(number)).ClearAsync();
        }
    }

    private static ImmutableArray<SignedUpdate> Tail(PartyState state) => state.Signed.IsDefault ? [] : state.Signed; // stored before there were any

    private async Task<PartyState> AppendAsync(PartyState state, SignedUpdate update)
    {
        var (pages, tail) = await s_log.AppendAsync(state.SignedPages, Tail(state), [update], async (number, updates) =>
        {
            var page = await PageAsync(number);
            page.State = new PartySignaturePage { Updates = updates };
            await page.WriteAsync();
        });
        return state with { SignedPages = pages, Signed = tail };
    }

    private async Task<LazyState<PartySignaturePage>> PageAsync(int number)
    {
        var page = open(FormattableString.Invariant($"{PartySignaturePage.Name}-{number}"));
        await page.ReadAsync(() => { });
        return page;
    }
}

/// <summary>Updates that a party has signed, in order.</summary>
[GenerateSerializer, Alias("fedrec.state.party-signatures")]
internal sealed record PartySignaturePage
{
    /// <summary>With what the names of the pages' states begin; a number follows.</summary>
    public const string Name = "party-signatures";

    /// <summary>The updates.</summary>
    [Id(0)] public ImmutableArray<SignedUpdate> Updates { get; init; } = [];
}
