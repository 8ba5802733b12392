using FedRec.Contracts.Privacy;

namespace FedRec.Grains.Tests.Privacy;

/// <summary>The ledger is written before it answers, never goes down, and what it refuses leaves no trace.</summary>
public sealed class PrivacyLedgerTests
{
    private readonly SurvivingStorage _states = new();

    [Fact]
    public async Task Charge_OfTheSameRelease_IsMadeOnce_AndOfAnotherAgain()
    {
        await using var federation = await StartAsync();
        var ledger = Ledger(federation);

        var first = await ledger.ChargeAsync(Charge(1));
        var again = await ledger.ChargeAsync(Charge(1));
        var other = await ledger.ChargeAsync(Charge(1, name: "other"));

        var read = await ledger.ReadAsync();
        Assert.Equal((null, first.Head, 64), (first.Refusal, again.Head, first.Head.Length));
        Assert.NotEqual(first.Head, other.Head);
        Assert.Equal([new PrivacyAccount("run-1", 0.1, 1.5, 2)], read.Accounts.AsEnumerable());
        Assert.Equal(other.Head, read.Head);
    }

    [Fact]
    public async Task Charges_OfOtherRunsAndNoise_AreAccountsOfTheirOwn()
    {
        await using var federation = await StartAsync();
        var ledger = Ledger(federation);

        foreach (var charge in new[] { Charge(1), Charge(2), Charge(1) with { RunId = "run-2" }, Charge(3) with { NoiseMultiplier = 2 }, Charge(4) })
        {
            await ledger.ChargeAsync(charge);
        }

        Assert.Equal(
            [new PrivacyAccount("run-1", 0.1, 1.5, 3), new PrivacyAccount("run-2", 0.1, 1.5, 1), new PrivacyAccount("run-1", 0.1, 2, 1)],
            (await ledger.ReadAsync()).Accounts.AsEnumerable());
    }

    [Fact]
    public async Task Charge_BeyondTheBudget_IsRefusedAndLeavesNoTrace_AndALargerBudgetAllowsIt()
    {
        await using var federation = await StartAsync();
        var ledger = Ledger(federation);
        var spent = Grains.Privacy.Spending.Epsilon([new PrivacyAccount("run-1", 0.1, 1.5, 2)], 1e-5);
        await ledger.SetBudgetAsync(new PrivacyBudget(spent, 1e-5));
        await ledger.ChargeAsync(Charge(1));
        await ledger.ChargeAsync(Charge(2));
        var before = await ledger.ReadAsync();

        var refused = await ledger.ChargeAsync(Charge(3));
        var after = await ledger.ReadAsync();
        await ledger.SetBudgetAsync(new PrivacyBudget(spent + 5, 1e-5));
        var allowed = await ledger.ChargeAsync(Charge(3));

        Assert.Contains("privacy budget is spent", refused.Refusal, StringComparison.Ordinal);
        Assert.Equal((before.Head, before.Accounts[0].Charges), (after.Head, after.Accounts[0].Charges));
        Assert.Null(allowed.Refusal);
    }

    [Fact]
    public async Task Spent_ByMoreCharges_IsMore_AndNothingAtFirst()
    {
        await using var federation = await StartAsync();
        var ledger = Ledger(federation);
        var spent = new List<double> { await ledger.SpentAsync(1e-5) };

        for (var round = 1; round <= 3; round++)
        {
            await ledger.ChargeAsync(Charge(round));
            spent.Add(await ledger.SpentAsync(1e-5));
        }

        Assert.Equal(0, spent[0]);
        Assert.Equal(spent.Order().Distinct(), spent);
        Assert.True(await ledger.SpentAsync(1e-6) > spent[3]);
        await Assert.ThrowsAsync<ArgumentException>(() => ledger.SpentAsync(0));
    }

    // Killed or refused by the store at any of its writes: whatever was answered is there afterwards.
    [Fact]
    public async Task Ledger_LostAtAnyWrite_IsNeverBelowWhatItHasAnswered()
    {
        var random = new Random(5);
        for (var (round, answered) = (1, 0L); round <= 20;)
        {
            await using var federation = await StartAsync();
            var ledger = Ledger(federation);
            Assert.InRange(await ChargesAsync(ledger), answered, answered + 1); // what was written and not answered may be there too
            answered = await ChargesAsync(ledger);
            for (var more = random.Next(1, 4); more > 0; more--, round++)
            {
                _states.FailWritesOf = random.Next(3) == 0 ? "privacy" : null;
                try
                {
                    await ledger.ChargeAsync(Charge(round));
                    answered++;
                }
                catch (OrleansException)
                {
                    Assert.NotNull(_states.FailWritesOf);
                }

                Assert.Equal(answered, await ChargesAsync(ledger));
            }

            _states.FailWritesOf = null;
            await federation.Cluster.KillSiloAsync(federation.Cluster.Silos[0]);
        }
    }

    [Theory]
    [InlineData(0, 1.5)]
    [InlineData(1.1, 1.5)]
    [InlineData(double.NaN, 1.5)]
    [InlineData(0.1, 0)]
    [InlineData(0.1, double.PositiveInfinity)]
    public async Task Charge_OfNumbersThatAreNone_IsRefused(double rate, double noise)
    {
        await using var federation = await StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => Ledger(federation).ChargeAsync(Charge(1) with { Rate = rate, NoiseMultiplier = noise }));

        Assert.Empty((await federation.LedgerAsync()).Accounts);
    }

    [Theory]
    [InlineData(0, 1e-5)]
    [InlineData(double.NaN, 1e-5)]
    [InlineData(4, 1)]
    public async Task Budget_ThatIsNone_IsRefused(double epsilon, double delta)
    {
        await using var federation = await StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => Ledger(federation).SetBudgetAsync(new PrivacyBudget(epsilon, delta)));

        Assert.Null((await federation.LedgerAsync()).Budget);
    }

    private static PrivacyCharge Charge(int round, string? name = null) => new("run-1", round, name ?? $"release {round}", 0.1, 1.5);

    private static IPrivacyLedgerGrain Ledger(TestFederation federation) => federation.Grains.GetGrain<IPrivacyLedgerGrain>("test");

    private static async Task<long> ChargesAsync(IPrivacyLedgerGrain ledger) => (await ledger.ReadAsync()).Accounts.Sum(account => account.Charges);

    private Task<TestFederation> StartAsync() => PrivateFederation.StartAsync(_states);
}
