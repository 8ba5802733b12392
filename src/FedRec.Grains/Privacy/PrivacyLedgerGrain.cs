using System.Globalization;
using FedRec.Contracts.Privacy;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace FedRec.Grains.Privacy;

/// <summary>The ledger of a federation's privacy: one record, written before any release that it has, and beside it in pages all charges that it was made of.</summary>
internal sealed class PrivacyLedgerGrain(
    [PersistentState("privacy", GrainsSetup.StorageName)] IPersistentState<PrivacyLedgerState> saved,
    [FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage storage) : Grain, IPrivacyLedgerGrain
{
    /// <summary>Last charges of which none is made twice: as many rounds as a run does again after a crash, if it does not store a checkpoint more seldom.</summary>
    internal const int Remembered = 64;

    private PrivacyLedger Ledger => saved.State.Ledger;

    public async Task<PrivacyReceipt> ChargeAsync(PrivacyCharge charge, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(charge.RunId);
        ArgumentException.ThrowIfNullOrEmpty(charge.Name);
        Spending.Check(charge);
        if (Ledger.Last.Contains(charge))
        {
            return new PrivacyReceipt(null, Ledger.Head);
        }

        var next = With(Ledger, charge);
        if (Ledger.Budget is { } budget && !await Task.Run(() => Spending.Keeps(next.Accounts, budget.Epsilon, budget.Delta), CancellationToken.None))
        {
            var epsilon = Spending.Epsilon(next.Accounts, budget.Delta);
            return new PrivacyReceipt(string.Create(CultureInfo.InvariantCulture,
                $"the federation's privacy budget is spent: with this round all its runs would come to ε {epsilon:0.###} at δ {budget.Delta}, and {budget.Epsilon} is the most (fedrec privacy budget raises it)"), Ledger.Head);
        }

        await WriteAsync(await PrivacyPages.WithAsync(saved.State, next, charge, Page));
        return new PrivacyReceipt(null, next.Head);
    }

    public Task SetBudgetAsync(PrivacyBudget? budget, CancellationToken cancellationToken = default)
    {
        if (budget is not (null or { Epsilon: > 0 and <= 1_000, Delta: > 0 and < 1 }))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"A budget of ε {budget.Epsilon} at δ {budget.Delta} is none: ε must be more than 0 and at most 1,000, and δ more than 0 and less than 1."), nameof(budget));
        }

        return WriteAsync(saved.State with { Ledger = Ledger with { Budget = budget } });
    }

    public Task<double> SpentAsync(double delta, CancellationToken cancellationToken = default)
    {
        if (delta is not (> 0 and < 1))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"delta is {delta}; it must be more than 0 and less than 1."), nameof(delta));
        }

        var accounts = Ledger.Accounts;
        return Task.Run(() => Spending.Epsilon(accounts, delta), cancellationToken); // charges do not wait for it
    }

    public Task<PrivacyLedger> ReadAsync(CancellationToken cancellationToken = default) => Task.FromResult(Ledger);

    public Task<PrivacyCharges> ReadChargesAsync(int page, CancellationToken cancellationToken = default) => PrivacyPages.ReadAsync(saved.State, page, Page);

    /// <summary>The ledger with another charge.</summary>
    internal static PrivacyLedger With(PrivacyLedger ledger, PrivacyCharge charge)
    {
        var account = new PrivacyAccount(charge.RunId, charge.Rate, charge.NoiseMultiplier, 0);
        var place = ledger.Accounts.IndexOf(ledger.Accounts.FirstOrDefault(one => one with { Charges = 0 } == account)!);
        return ledger with
        {
            Accounts = place < 0 ? ledger.Accounts.Add(account with { Charges = 1 }) : ledger.Accounts.SetItem(place, ledger.Accounts[place] with { Charges = ledger.Accounts[place].Charges + 1 }),
            Last = [.. ledger.Last.Add(charge).TakeLast(Remembered)],
            Head = charge.ChainedTo(ledger.Head),
        };
    }

    private LazyState<PrivacyPage> Page(int number) => new(PrivacyPages.NameOf(number), this, storage);

    private Task WriteAsync(PrivacyLedgerState next)
    {
        saved.State = next;
        return saved.WriteOrDeactivateAsync(this);
    }
}
