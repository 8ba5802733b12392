using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Benchmarks;

/// <summary>Workload W: 1,000 users with 100 of 2,000 items each, drawn at random; 32 dims, 4 negatives, one epoch, batch 256.</summary>
internal static class WorkloadW
{
    public const int Users = 1_000;
    public const int Items = 2_000;
    public const int Positives = 100;
    public const int Negatives = 4;
    public const int Dims = 32;
    public const int Batch = 256;
    public const int Examples = Positives * (1 + Negatives);

    public static UserItems Make()
    {
        var random = SeedSequence.For(1, "workload-w");
        var all = Enumerable.Range(0, Items).ToArray();
        var items = new int[Users * Positives];
        for (var user = 0; user < Users; user++)
        {
            random.Shuffle<int>(all);
            var own = items.AsSpan(user * Positives, Positives);
            all.AsSpan(0, Positives).CopyTo(own);
            own.Sort();
        }

        return new UserItems([.. Enumerable.Range(0, Users + 1).Select(user => user * Positives)], items);
    }

    /// <summary>Writes the interactions as <c>user,item</c> for <c>fedrec simulate</c>.</summary>
    public static void Write(UserItems train, string path)
    {
        using var writer = new StreamWriter(path) { NewLine = "\n" };
        writer.WriteLine("user,item");
        for (var user = 0; user < train.UserCount; user++)
        {
            foreach (var item in train.Items(user))
            {
                writer.WriteLine($"u{user},i{item}");
            }
        }
    }

    /// <summary>One fixed epoch of a user: 2·item, plus 1 for an own item; shuffled, no item twice.</summary>
    public static int[] Epoch(UserItems train, int user)
    {
        var random = SeedSequence.For(2, 1, user);
        var negatives = new int[Positives * Negatives];
        new NegativeSampler(Items).SampleDistinct(new ClientData(train, new[] { user }, Items), 0, negatives, ref random);
        int[] examples = [.. train.Items(user).ToArray().Select(item => (2 * item) + 1), .. negatives.Select(item => 2 * item)];
        random.Shuffle<int>(examples);
        return examples;
    }
}
