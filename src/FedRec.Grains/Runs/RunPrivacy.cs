using System.Collections.Immutable;
using System.Globalization;
using FedRec.Contracts.Privacy;
using FedRec.Core.Aggregation;
using FedRec.Grains.Privacy;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>What a run may spend of its clients' privacy, and the way to spend it: no sum is used for a step before its release stands in the ledger of the federation.</summary>
internal sealed class RunPrivacy(RunContext run, PrivacySettings settings, IPrivacyLedgerGrain ledger)
{
    private readonly string _runId = GrainKeys.RunId(run.RunKey);
    private ImmutableArray<PrivacyAccount> _own = [];
    private long _most;
    private string? _refusal;

    private PrivacyAccount One => new(_runId, (double)run.Algorithm.Expected / run.TakingPart, run.Algorithm.Privacy!.NoiseMultiplier, 1);

    /// <summary>Looks what earlier attempts of the run have spent.</summary>
    public async Task RestoreAsync()
    {
        _own = OwnOf(await ledger.ReadAsync());
        _most = await Task.Run(() => Spending.Most(One, settings.Epsilon, settings.Delta, 100L * (run.Request.Rounds.Count + 10)));
        _refusal = null;
    }

    /// <summary>Why no further round may be trained; null while one may.</summary>
    public string? Spent()
    {
        if (_refusal is not null)
        {
            return _refusal;
        }

        // Charges of an earlier release that planned other noise are accounts of their own.
        var allows = _own.All(account => account with { Charges = 1 } == One) ? _own.Sum(account => account.Charges) < _most : Spending.Keeps(_own.Add(One), settings.Epsilon, settings.Delta);
        return allows ? null : string.Create(CultureInfo.InvariantCulture,
            $"the run's privacy budget is spent: {_own.Sum(account => account.Charges):N0} releases come to ε {Spending.Epsilon(_own, settings.Delta):0.###} at δ {settings.Delta}, and with another one it would be more than {settings.Epsilon}");
    }

    /// <summary>Charges a round's release.</summary>
    /// <param name="round">The round, from 1.</param>
    /// <param name="counted">What the counted clients come to.</param>
    /// <returns>Why the sum must not be used; null when it may.</returns>
    public async Task<string?> ChargeAsync(int round, IAggregate counted)
    {
        var receipt = await ledger.ChargeAsync(new PrivacyCharge(_runId, round, run.Algorithm.NameOfRelease(round, counted), One.Rate, One.NoiseMultiplier));
        _own = OwnOf(await ledger.ReadAsync());
        return _refusal = receipt.Refusal;
    }

    /// <summary>What has been spent so far, for the version that the run publishes.</summary>
    public async Task<PrivacyStatement> StatementAsync()
    {
        var all = await ledger.ReadAsync();
        var own = OwnOf(all);
        return await Task.Run(() => new PrivacyStatement
        {
            Epsilon = Spending.Epsilon(own, settings.Delta),
            Delta = settings.Delta,
            FederationEpsilon = Spending.Epsilon(all.Accounts, settings.Delta),
            Releases = own.Sum(account => account.Charges),
            NoiseMultiplier = One.NoiseMultiplier,
            Rate = One.Rate,
            ClipNorm = run.Request.Rounds.ClipNorm,
        });
    }

    private ImmutableArray<PrivacyAccount> OwnOf(PrivacyLedger all) => [.. all.Accounts.Where(account => account.RunId == _runId)];
}
