using CsCheck;
using FedRec.Core.Federation;

namespace FedRec.Core.Tests.Federation;

public class CohortSamplerTests
{
    [Fact]
    public void Draw_AnySize_HasThatManyDistinctClients() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[0, 400], Gen.ULong).Sample((clients, size, seed) =>
        {
            var cohort = CohortSampler.Draw(clients, size, seed, 1);

            return cohort.Distinct().Count() == cohort.Length
                && cohort.All(client => client >= 0 && client < clients)
                && cohort.Length == (size == 0 ? clients : Math.Min(size, clients));
        });

    [Fact]
    public void Draw_SameSeedAndRound_IsTheSame_AndAnotherRoundIsNot()
    {
        Assert.Equal(CohortSampler.Draw(100, 10, 7, 3).ToArray(), CohortSampler.Draw(100, 10, 7, 3).ToArray());
        Assert.NotEqual(CohortSampler.Draw(100, 10, 7, 3).ToArray(), CohortSampler.Draw(100, 10, 7, 4).ToArray());
    }

    [Fact]
    public void Draw_ManyRounds_AsksEveryClientEquallyOften()
    {
        var asked = new int[20];
        for (var round = 1; round <= 4_000; round++)
        {
            foreach (var client in CohortSampler.Draw(20, 5, 1, round))
            {
                asked[client]++;
            }
        }

        // 4,000 draws at 1/4: mean 1,000, standard deviation 27; five of them either way.
        Assert.All(asked, count => Assert.InRange(count, 865, 1_135));
    }
}
