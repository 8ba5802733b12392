using System.Text.Json;
using FedRec.Cli;
using FedRec.Core.Privacy.Accounting;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class PrivacyPlanTests : IDisposable
{
    private const string Documented = "--users 6040 --cohort 604 --rounds 100 --epsilon 4 --parameters 237000";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Plan_OfATarget_KeepsItByBothAccountants()
    {
        var plan = (await RunAsync($"{Documented} --format json")).Json;
        JsonElement[] choices = [.. plan.GetProperty("choices").EnumerateArray()];
        double[] noise = [.. choices.Select(choice => choice.GetProperty("noiseMultiplier").GetDouble())];

        Assert.InRange(choices[0].GetProperty("epsilonByLosses").GetDouble(), 3.99, 4);
        Assert.InRange(choices[1].GetProperty("epsilonByDivergences").GetDouble(), 3.99, 4);
        Assert.InRange(noise[0] / noise[1], 0.9, 0.99);
        Assert.Equal(noise[0] * Math.Sqrt(237_000) / 604, choices[0].GetProperty("noiseToMean").GetDouble(), 1e-9);
        Assert.Equal(1e-5, plan.GetProperty("delta").GetDouble());
        Assert.Equal(0.1, plan.GetProperty("samplingProbability").GetDouble());
    }

    [Fact]
    public async Task Plan_OfATarget_ShowsACurveThatRisesWithRoundsAndFallsWithNoise()
    {
        JsonElement[] curve = [.. (await RunAsync($"{Documented} --format json")).Json.GetProperty("curve").EnumerateArray()];
        var epsilons = curve.Select(point => point.GetProperty("epsilon").GetDouble()).Chunk(3).ToArray();

        Assert.Equal([25L, 50, 100, 200, 400], curve.Select(point => point.GetProperty("rounds").GetInt64()).Distinct());
        Assert.All(epsilons, row => Assert.Equal(row.OrderDescending(), row));
        Assert.All(epsilons.Zip(epsilons.Skip(1)), pair => Assert.All(pair.First.Zip(pair.Second), one => Assert.True(one.First < one.Second)));
        Assert.InRange(epsilons[2][1], 3.99, 4);
    }

    [Fact]
    public async Task Plan_OfANoise_TellsEpsilonAndHowLongItLasts()
    {
        var plan = (await RunAsync("--users 1000 --cohort 1000 --rounds 4 --delta 0.00001 --noise 8 --epsilon 2 --format json")).Json;

        // Of all users T rounds tell what one tells with noise of 8 / √T: the exact δ (Balle and Wang 2018) is 1e-5 at ε = 0.926342 for 4 rounds, and at 2 for 16.
        Assert.Equal(0.926342, plan.GetProperty("choices")[0].GetProperty("epsilonByLosses").GetDouble(), 1e-5);
        Assert.Equal(16, plan.GetProperty("mostRounds").GetInt64());
    }

    [Fact]
    public async Task Plan_ForPeople_SaysWhatTheNumbersMeanAndHowARunDoesIt()
    {
        var text = (await RunAsync(Documented)).Out;

        Assert.Contains("at most e^ε times as likely with a user's data as without", text, StringComparison.Ordinal);
        Assert.Contains("A run does that with --epsilon 4 --delta 1e-5 --cohort 604 --rounds 100", text, StringComparison.Ordinal);
        Assert.Contains("longer than any mean", text, StringComparison.Ordinal);
        Assert.Contains("δ = 1e-5", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Warning", text, StringComparison.Ordinal);
        Assert.Contains("Warning: with δ = 0.01 one of the 200 users may lose everything", (await RunAsync("--users 200 --cohort 20 --rounds 2 --noise 2 --delta 0.01")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_OfTheConcepts_SaysWhatTheCommandAnswers()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "src/docs/concepts/privacy.md"));
        var plan = (await RunAsync($"{Documented} --format json")).Json;
        var choice = plan.GetProperty("choices")[0];

        Assert.Contains($"fedrec privacy plan {Documented}\n", page, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"a noise multiplier of {choice.GetProperty("noiseMultiplier").GetDouble():0.0000} keeps"), page, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"this noise is {choice.GetProperty("noiseToMean").GetDouble():0.00} times as long"), page, StringComparison.Ordinal);
        Assert.All(["drawn", "independent", "correlated"], name => Assert.Contains(Row(plan.GetProperty("turns").GetProperty(name)), page, StringComparison.Ordinal));

        static string Row(JsonElement noise) => FormattableString.Invariant($"| {noise.GetProperty("noiseMultiplier").GetDouble():0.0000} | {noise.GetProperty("noiseOfSum").GetDouble():0.####} |\n");
    }

    // Independent noise for k turns is √k of that for one, over n rounds √n as long; correlated noise keeps the same ε with far less on the sum.
    [Fact]
    public async Task Plan_OfATarget_ComparesNoiseForUsersWhoTakeTurns()
    {
        var turns = (await RunAsync($"{Documented} --separation 10 --format json")).Json.GetProperty("turns");
        (double Noise, double OfSum) Of(string name) => (turns.GetProperty(name).GetProperty("noiseMultiplier").GetDouble(), turns.GetProperty(name).GetProperty("noiseOfSum").GetDouble());
        var whole = NoiseSearch.SmallestNoise(new(4, 1e-5), 1, 1, PldAccountant.Guarantee);

        Assert.Equal((10, 10), (turns.GetProperty("separation").GetInt32(), turns.GetProperty("most").GetInt32()));
        Assert.Equal(whole * Math.Sqrt(10), Of("independent").Noise, 1e-6);
        Assert.Equal(whole * Math.Sqrt(1_000), Of("independent").OfSum, 1e-6);
        Assert.InRange(Of("correlated").OfSum / whole, 12.5, 12.6); // 12.554 of 31.62
        Assert.Equal(2, turns.GetProperty("decay").GetArrayLength());
        Assert.Equal(10, (await RunAsync($"{Documented} --format json")).Json.GetProperty("turns").GetProperty("separation").GetInt32());
        Assert.Equal(JsonValueKind.Null, (await RunAsync($"{Documented} --dp local --format json")).Json.GetProperty("turns").ValueKind);
    }

    [Theory]
    [InlineData("--users 5 --cohort 2 --rounds 1 --separation 0", "a whole number from 1 to 10000000")]
    [InlineData("--users 5 --cohort 2 --rounds 1 --separation 2 --dp local", "--separation goes with --dp central only")]
    [InlineData("--users 5 --cohort 6 --rounds 1", "--cohort is 6, more than --users 5")]
    [InlineData("--users 5 --cohort 2", "'--rounds' is required")]
    [InlineData("--users 5 --cohort 2 --rounds 0", "a whole number from 1 to 10000000")]
    [InlineData("--users 5 --cohort 2 --rounds 1 --delta 1", "a number above 0, at most 0.1")]
    [InlineData("--users 5 --cohort 2 --rounds 1 --epsilon 0", "a number above 0, at most 1000")]
    [InlineData("--users 5 --cohort 2 --rounds 1 --noise -1", "a number above 0, at most 1000000")]
    public async Task Plan_AsItCannotBe_SaysWhatIsAllowed(string options, string expected)
    {
        var run = await CommandRun.OfAsync(_folder.Path, ["privacy", "plan", .. options.Split(' ')]);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private async Task<CommandRun> RunAsync(string options)
    {
        var run = await CommandRun.OfAsync(_folder.Path, ["privacy", "plan", .. options.Split(' ')]);
        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        return run;
    }
}
