using System.Collections.Immutable;
using System.Globalization;
using FedRec.Contracts.Privacy;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Privacy;
using FedRec.Grains.Privacy;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>What a run may spend of its clients' privacy, and the way to spend it: no sum is used for a step before its release stands in the ledger of the federation, and where the noise is the clients', no round is opened before.</summary>
internal sealed class RunPrivacy(RunContext run, PrivacySettings settings, IPrivacyLedgerGrain ledger)
{
    private readonly string _runId = GrainKeys.RunId(run.RunKey);
    private ImmutableArray<PrivacyAccount> _own = [];
    private long _most;
    private string? _refusal;

    private PrivacyAccount Trained => One(run.Learner.Recipe(LearningPhase.Training));

    private PrivacyAccount One(RoundRecipe recipe) => run.Algorithm.Noise is { } noise ? new(_runId, ClientNoise.Rate, noise.NoiseMultiplier * recipe.Noise, 1)
        : new(_runId, (double)run.Algorithm.Expected(recipe) / run.TakingPart, run.Algorithm.Privacy!.NoiseMultiplier * recipe.Noise, 1);

    /// <summary>Looks what earlier attempts of the run have spent.</summary>
    public async Task RestoreAsync()
    {
        _own = OwnOf(await ledger.ReadAsync());
        _most = await Task.Run(() => Spending.Most(Trained, settings.Epsilon, settings.Delta, 100L * (run.Request.Rounds.Count + 10)));
        _refusal = null;
    }

    /// <summary>Why no further round may be trained; null while one may.</summary>
    /// <param name="recipe">What the next round is.</param>
    public string? Spent(RoundRecipe recipe)
    {
        var next = One(recipe);
        if (_refusal is not null)
        {
            return _refusal;
        }

        // Rounds of another phase have other noise, and those of an earlier release that planned it otherwise.
        var allows = _own.Add(Trained).All(account => account with { Charges = 1 } == next)
            ? _own.Sum(account => account.Charges) < _most
            : Spending.Keeps(_own.Add(next), settings.Epsilon, settings.Delta);
        return allows ? null : string.Create(CultureInfo.InvariantCulture,
            $"the run's privacy budget is spent: {_own.Sum(account => account.Charges):N0} releases come to ε {Spending.Epsilon(_own, settings.Delta):0.###} at δ {settings.Delta}, and with another one it would be more than {settings.Epsilon}");
    }

    /// <summary>Charges a round that is to be opened, where its sum is seen as soon as it has closed; each time anew, as an earlier try may have been seen.</summary>
    /// <param name="round">The round, from 1.</param>
    /// <param name="recipe">What the round is.</param>
    /// <returns>Why it must not be opened; null when it may.</returns>
    public async Task<string?> OpenAsync(int round, RoundRecipe recipe) =>
        !run.Algorithm.HidesUpdates ? null : Spent(recipe) ?? await ChargeAsync(round, recipe, $"opened {Guid.NewGuid():N}");

    /// <summary>Charges a round's release, where that was not done before it was opened.</summary>
    /// <param name="round">The round, from 1.</param>
    /// <param name="recipe">What the round is.</param>
    /// <param name="counted">What the counted clients come to.</param>
    /// <returns>Why the sum must not be used; null when it may.</returns>
    public async Task<string?> ChargeAsync(int round, RoundRecipe recipe, IAggregate counted) =>
        run.Algorithm.HidesUpdates ? null : await ChargeAsync(round, recipe, run.Algorithm.NameOfRelease(recipe, round, counted));

    private async Task<string?> ChargeAsync(int round, RoundRecipe recipe, string name)
    {
        var one = One(recipe);
        var receipt = await ledger.ChargeAsync(new PrivacyCharge(_runId, round, name, one.Rate, one.NoiseMultiplier));
        _own = OwnOf(await ledger.ReadAsync());
        return _refusal = receipt.Refusal;
    }

    /// <summary>What has been spent so far, for the version that the run publishes.</summary>
    /// <param name="parameters">P values of the version.</param>
    public async Task<PrivacyStatement> StatementAsync(ReadOnlyMemory<float> parameters)
    {
        var all = await ledger.ReadAsync();
        var own = OwnOf(all);
        return await Task.Run(() => new PrivacyStatement
        {
            Epsilon = Spending.Epsilon(own, settings.Delta),
            Delta = settings.Delta,
            FederationEpsilon = Spending.Epsilon(all.Accounts, settings.Delta),
            Releases = own.Sum(account => account.Charges),
            NoiseMultiplier = own.Select(account => account.NoiseMultiplier).DefaultIfEmpty(Trained.NoiseMultiplier).Min(),
            Rate = own.Select(account => account.Rate).DefaultIfEmpty(Trained.Rate).Max(),
            ClipNorm = PrivateRuns.ClipNormAt(run.Request, parameters.Span),
        });
    }

    private ImmutableArray<PrivacyAccount> OwnOf(PrivacyLedger all) => [.. all.Accounts.Where(account => account.RunId == _runId)];
}
