using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Personalization.Clusters;

/// <summary>Users of two camps who sort the same 32 items into four tastes of eight in opposite ways, beside eight items that a camp has to itself.</summary>
/// <remarks>Even users are of the first camp. A model with four dimensions can hold the tastes of one camp, but not of both. The last item of each
/// user, which is held out, is of its taste.</remarks>
internal static class TwoCamps
{
    private const int PerTaste = 8;
    private const int Tastes = 4;
    private const int Taken = 6;

    public static Dataset Create(int users, ulong seed)
    {
        var rows = new GeneratedInteractions("camps");
        for (var user = 0; user < users; user++)
        {
            var random = SeedSequence.For(seed, "camps", user);
            var (camp, taste) = (user % 2, random.NextInt32(Tastes));
            var own = Draw(Enumerable.Range(0, PerTaste).Select(i => $"camp{camp}-{i}"), ref random);
            var tasted = Draw(Enumerable.Range(0, PerTaste).Select(i => $"item{(camp == 0 ? (taste * PerTaste) + i : taste + (i * Tastes))}"), ref random);
            var time = 0;
            foreach (var item in own.Concat(tasted))
            {
                rows.Add($"u{user}", item, time++);
            }
        }

        return rows.ToDataset();
    }

    private static string[] Draw(IEnumerable<string> names, ref SeededRandom random)
    {
        var all = names.ToArray();
        random.Shuffle(all.AsSpan());
        return all[..Taken];
    }
}
