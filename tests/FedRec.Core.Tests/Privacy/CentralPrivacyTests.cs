using FedRec.Core.Aggregation;
using FedRec.Core.Privacy;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Privacy;

/// <summary>What is drawn and released of a private round.</summary>
public sealed class CentralPrivacyTests
{
    private const int Places = 20_000;
    private static readonly SumScale s_scale = SumScale.For(1_000);
    private static readonly CentralPrivacy s_privacy = new(Clip: 0.5, NoiseMultiplier: 1.2, new SecretKey(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()), "test/run-1");

    [Fact]
    public void Draw_OfManyRounds_GivesEachClientTheSameChance()
    {
        const int Rounds = 2_000;
        var drawn = Enumerable.Range(1, Rounds).Select(round => s_privacy.Draw(200, expected: 50, round)).ToArray();

        var sizes = drawn.Select(cohort => (double)cohort.Length).ToArray();
        Assert.InRange(sizes.Average(), 49.2, 50.8); // within five standard errors of 50
        Assert.InRange(sizes.Select(size => (size - 50) * (size - 50)).Average(), 32, 43); // 37.5: coins, and not a fixed number
        Assert.All(drawn.SelectMany(cohort => cohort).GroupBy(client => client), times => Assert.InRange(times.Count(), 400, 600)); // 500 ± 5 · 19
        Assert.All(drawn.Take(20), cohort => Assert.Equal(cohort.Order().Distinct(), cohort));
    }

    [Fact]
    public void Draw_AgainOrWithAnotherKeyOrRun_IsTheSameOrAnother()
    {
        var first = s_privacy.Draw(200, 50, 3);

        Assert.Equal(first.AsEnumerable(), s_privacy.Draw(200, 50, 3));
        Assert.NotEqual(first.AsEnumerable(), s_privacy.Draw(200, 50, 4));
        Assert.NotEqual(first.AsEnumerable(), (s_privacy with { Key = SecretKey.New() }).Draw(200, 50, 3));
        Assert.NotEqual(first.AsEnumerable(), (s_privacy with { Run = "test/run-2" }).Draw(200, 50, 3));
        Assert.Equal(Enumerable.Range(0, 30), s_privacy.Draw(30, expected: 0, 1));
        Assert.Equal(Enumerable.Range(0, 30), s_privacy.Draw(30, expected: 30, 1));
    }

    [Fact]
    public void Release_OfASum_AddsNoiseOfTheLengthThatWasAskedFor()
    {
        var exact = Sum(clients: 40);

        var released = s_privacy.Release(exact, expected: 50, round: 1);

        var noise = released.Values.ToArray().Zip(exact.Values.ToArray(), (with, without) => s_scale.Decode(with - without)).ToArray();
        Assert.InRange(Math.Sqrt(noise.Average(value => value * value)), 0.6 * 0.98, 0.6 * 1.02); // z · C
        Assert.InRange(noise.Average(), -0.6 * 5 / Math.Sqrt(Places), 0.6 * 5 / Math.Sqrt(Places));
        Assert.InRange(noise.Count(value => Math.Abs(value) < 0.6) / (double)Places, 0.66, 0.705); // 0.683 of a normal
    }

    // The neighbour of a federation has one client more: of neither the count nor a loss may be told.
    [Fact]
    public void Release_OfASum_TellsNothingElseOfItsClients()
    {
        var (fewer, more) = (s_privacy.Release(Sum(clients: 40), 50, 1), s_privacy.Release(Sum(clients: 41), 50, 1));

        Assert.Equal(fewer.Report.ToArray(), more.Report.ToArray());
        Assert.Equal([s_scale.Encode(1) * 50, 0, 0], fewer.Report.ToArray());
    }

    [Fact]
    public void Release_OfTheSameSumAgain_IsTheSame_AndTheNoiseOfAnotherSumIsAnother()
    {
        var (sum, other) = (Sum(clients: 40), Sum(clients: 41));

        var released = s_privacy.Release(sum, 50, 1);

        Assert.Equal(released.Values.ToArray(), s_privacy.Release(Sum(clients: 40), 50, 1).Values.ToArray());
        Assert.Equal(s_privacy.NameOf(sum, 1), s_privacy.NameOf(Sum(clients: 40), 1));
        Assert.NotEqual(s_privacy.NameOf(sum, 1), s_privacy.NameOf(other, 1));
        Assert.NotEqual(s_privacy.NameOf(sum, 1), s_privacy.NameOf(sum, 2));

        // Were the noise the round's, the two would differ by what client 40 has sent, to the last bit.
        var between = s_privacy.Release(other, 50, 1).Values.ToArray().Zip(released.Values.ToArray(), (with, without) => s_scale.Decode(with - without));
        Assert.InRange(Math.Sqrt(between.Average(value => value * value)), 0.6 * 1.414 * 0.98, 0.6 * 1.414 * 1.02);
    }

    [Fact]
    public void Release_OfAWeightThatIsNotOne_IsRefused()
    {
        var sum = new FixedPointSum(4, s_scale);
        Assert.True(sum.TryAdd(new UpdateBuffer(), weight: 1, loss: 0, examples: 1) && sum.TryAdd(new UpdateBuffer(), weight: 2, loss: 0, examples: 1));

        Assert.Throws<ArgumentException>(() => s_privacy.Release(sum, 2, 1));
    }

    // As often as coins do, so that no round hangs on who there is.
    [Fact]
    public void Draw_OfFewExpectedClients_IsSometimesOfNobody() =>
        Assert.InRange(Enumerable.Range(1, 4_000).Count(round => s_privacy.Draw(100, expected: 2, round).IsEmpty), 438, 622); // 0.98¹⁰⁰ = 0.1326 of them ± 5 standard errors

    private static FixedPointSum Sum(int clients)
    {
        var sum = new FixedPointSum(Places, s_scale);
        for (var client = 0; client < clients; client++)
        {
            var update = new UpdateBuffer();
            update.Segment(0, Places).Fill(0.001f * (client + 1) / 40);
            Assert.True(sum.TryAdd(update, weight: 1, loss: 0.3, examples: client + 1));
        }

        return sum;
    }
}
