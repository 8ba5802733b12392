using System.Collections.Immutable;
using FedRec.Contracts.Privacy;

namespace FedRec.Grains.Privacy;

/// <summary>All charges of a ledger, in pages: so the chain can be followed from its beginning, and one charge more does not write all of them again.</summary>
/// <remarks>A page that is full is written before the ledger that counts it. A crash in between leaves a page that no ledger counts, which the next charge writes again.</remarks>
internal static class PrivacyPages
{
    /// <summary>With what the names of the pages' states begin; a number follows.</summary>
    public const string StateName = "privacy-charges-";

    /// <summary>Charges of a page.</summary>
    public const int Size = 256;

    private static readonly SegmentedLog s_log = new(Size, Size);

    /// <summary>Name of the stored state of a page.</summary>
    public static string NameOf(int number) => FormattableString.Invariant($"{StateName}{number}");

    /// <summary>What is stored with another charge; writes the page that is full with it.</summary>
    /// <param name="state">What is stored.</param>
    /// <param name="ledger">The ledger with the charge.</param>
    /// <param name="charge">The charge.</param>
    /// <param name="open">A page's state.</param>
    public static async Task<PrivacyLedgerState> WithAsync(PrivacyLedgerState state, PrivacyLedger ledger, PrivacyCharge charge, Func<int, LazyState<PrivacyPage>> open)
    {
        var before = Begun(state);
        var (pages, tail) = await s_log.AppendAsync(before.Pages, before.Tail, [charge], async (number, charges) =>
        {
            var page = open(number);
            await page.ReadAsync(() => { }); // a crash may have left it behind
            page.State = new PrivacyPage { Charges = charges };
            await page.WriteAsync();
        });
        return before with { Ledger = ledger, Pages = pages, Tail = tail };
    }

    /// <summary>A page.</summary>
    /// <param name="state">What is stored.</param>
    /// <param name="number">From 0.</param>
    /// <param name="open">A page's state.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such page.</exception>
    public static async Task<PrivacyCharges> ReadAsync(PrivacyLedgerState state, int number, Func<int, LazyState<PrivacyPage>> open)
    {
        var begun = Begun(state);
        if (number < 0 || number > begun.Pages)
        {
            throw new ArgumentOutOfRangeException(nameof(number), number, $"The ledger has pages 0 to {begun.Pages}.");
        }

        var charges = begun.Tail;
        if (number < begun.Pages)
        {
            var page = open(number);
            await page.ReadAsync(() => { });
            charges = page.State.Charges;
        }

        return new PrivacyCharges(charges, begun.Pages + 1, begun.Before!);
    }

    // An earlier release kept the last charges only: where these are all, nothing is missing.
    private static PrivacyLedgerState Begun(PrivacyLedgerState state) => state.Before is not null ? state
        : state.Ledger.Accounts.Sum(account => account.Charges) == state.Ledger.Last.Length ? state with { Before = PrivacyBeginning.Nothing, Tail = state.Ledger.Last }
        : state with { Before = new PrivacyBeginning(state.Ledger.Head, state.Ledger.Accounts) };
}

/// <summary>What a federation has spent, as it is stored.</summary>
[GenerateSerializer, Alias("fedrec.state.privacy")]
internal sealed record PrivacyLedgerState
{
    /// <summary>The ledger.</summary>
    [Id(0)] public PrivacyLedger Ledger { get; init; } = new();

    /// <summary>Where the charges begin that are kept; null where an earlier release wrote last, or nobody.</summary>
    [Id(1)] public PrivacyBeginning? Before { get; init; }

    /// <summary>Pages that are full and stored beside it.</summary>
    [Id(2)] public int Pages { get; init; }

    /// <summary>Charges after those of the pages, oldest first.</summary>
    [Id(3)] public ImmutableArray<PrivacyCharge> Tail { get; init; } = [];
}

/// <summary>Some charges, in order.</summary>
[GenerateSerializer, Alias("fedrec.state.privacy-page")]
internal sealed record PrivacyPage
{
    /// <summary>They.</summary>
    [Id(0)] public ImmutableArray<PrivacyCharge> Charges { get; init; } = [];
}
