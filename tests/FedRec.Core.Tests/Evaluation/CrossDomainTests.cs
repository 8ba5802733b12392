using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Evaluation;

/// <summary>What users do in another domain helps where they are new.</summary>
public sealed class CrossDomainTests
{
    private const int Tastes = 8;

    [Theory]
    [InlineData("mf")]
    [InlineData("ease")]
    public void Gain_SharedTastes_ColdUsersAreServedBetterThanByOneDomain(string learner)
    {
        var domains = Made(shared: true);

        var gain = domains.Gain(learner, learner == "mf" ? new() { ["dims"] = "16" } : [], learner == "mf" ? 60 : 0);

        Assert.Equal(100, domains.ColdUsers);
        Assert.All(gain, one => Assert.True(one.Low > 0, $"{learner}: {TwoDomains.Words(gain)}"));
    }

    [Fact]
    public void Gain_TastesThatHaveNothingToDoWithEachOther_IsNone()
    {
        var gain = Made(shared: false).Gain("ease", []);

        Assert.All(gain, one => Assert.True(one.Low < 0.05, TwoDomains.Words(gain)));
    }

    // The first 100 of 300 users have one training item in the target domain, which says nothing of them.
    private static TwoDomains Made(bool shared)
    {
        var (target, source) = (new List<(string, string)>(), new List<(string, string)>());
        for (var user = 0; user < 300; user++)
        {
            var random = SeedSequence.For(1, "two-domains", user);
            var (taste, other) = (random.NextInt32(Tastes), random.NextInt32(Tastes));
            source.AddRange(Draw(ref random, shared ? taste : other, items: 160, count: 12, noise: 0.25).Select(item => ($"u{user}", $"{item}")));
            target.AddRange(Draw(ref random, taste, items: 120, count: user < 100 ? 2 : 10, noise: user < 100 ? 1 : 0.25).Select(item => ($"u{user}", $"{item}")));
        }

        return new TwoDomains(target, source, most: 3);
    }

    // All but the last may be any item, by the chance of noise.
    private static int[] Draw(ref SeededRandom random, int taste, int items, int count, double noise)
    {
        var drawn = new HashSet<int>();
        var last = (random.NextInt32(items / Tastes) * Tastes) + taste;
        while (drawn.Count < count - 1)
        {
            var item = random.NextDouble() < noise ? random.NextInt32(items) : (random.NextInt32(items / Tastes) * Tastes) + taste;
            _ = item == last || drawn.Add(item);
        }

        return [.. drawn, last];
    }
}
