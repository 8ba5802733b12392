using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Benchmarks.Ensembles;

/// <summary>Holds one training item of each user out, on which an ensemble is chosen.</summary>
internal static class ValidationItems
{
    /// <summary>Holds the last one by time out; of data without times, one drawn at random.</summary>
    /// <remarks>A drawn item is easier to find than the last one, so its figures do not compare with the test's.</remarks>
    public static Dataset HoldOut(Dataset all, string path)
    {
        var hasTimes = Enumerable.Range(0, all.Train.UserCount).Any(user => !all.Train.Timestamps(user).IsEmpty);
        return hasTimes ? DatasetSource.Open(new DatasetOptions { Path = path, HoldOutValidation = true }) : Draw(all);
    }

    private static Dataset Draw(Dataset all)
    {
        var (kept, held) = (new List<int>(), new List<int>());
        var (keptOffsets, heldOffsets) = (new List<int> { 0 }, new List<int> { 0 });
        for (var user = 0; user < all.Train.UserCount; user++)
        {
            var own = all.Train.Items(user);
            var random = SeedSequence.For(1, "ensemble-validation", user);
            var drawn = own.Length < 2 ? -1 : random.NextInt32(own.Length);
            for (var i = 0; i < own.Length; i++)
            {
                (i == drawn ? held : kept).Add(own[i]);
            }

            keptOffsets.Add(kept.Count);
            heldOffsets.Add(held.Count);
        }

        return all with { Train = new UserItems([.. keptOffsets], [.. kept]), Validation = new UserItems([.. heldOffsets], [.. held]) };
    }
}
