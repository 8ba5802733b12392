using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Randomness;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>Public data on which a model is trained in one place, and a federation that begins with it.</summary>
/// <param name="Public">Of which everything is trained on.</param>
/// <param name="PublicKeys">Of the public items, by their numbers in the whole data.</param>
/// <param name="Own">The federation's interactions, each user's last held out.</param>
/// <param name="OwnKeys">Of the federation's items, likewise.</param>
internal sealed record PublicStart(Dataset Public, IReadOnlyList<string?> PublicKeys, Dataset Own, IReadOnlyList<string?> OwnKeys)
{
    /// <summary>Training items that a third of the federation's users keep.</summary>
    public const int Few = 5;

    /// <summary>Half of the users, drawn, are public.</summary>
    public static PublicStart Halves(Dataset all, ulong seed)
    {
        int[] users = [.. Enumerable.Range(0, all.Users.Count)];
        var random = SeedSequence.For(seed, "public");
        random.Shuffle<int>(users);
        var keys = ItemKeys.Of(FederationCatalogue.Of(all), ItemKeys.Id);
        return new PublicStart(Everything(all, users[..(users.Length / 2)], seed), keys, Federation(all, users[(users.Length / 2)..], seed), keys);
    }

    /// <summary>All users of another data set are public, and all of this one are the federation's.</summary>
    public static PublicStart Other(Dataset open, Dataset own, string match, ulong seed)
    {
        int[] users = [.. Enumerable.Range(0, own.Users.Count)];
        var random = SeedSequence.For(seed, "public");
        random.Shuffle<int>(users); // who keeps few
        return new PublicStart(Everything(open, [.. Enumerable.Range(0, open.Users.Count)], seed), ItemKeys.Of(FederationCatalogue.Of(open), match), Federation(own, users, seed), ItemKeys.Of(FederationCatalogue.Of(own), match));
    }

    /// <summary>Finds the federation's items in the public data.</summary>
    public ParameterTransfer Plan(ILearner source, ILearner target) => ParameterTransfer.Plan(source, Keys(Public, PublicKeys), target, Keys(Own, OwnKeys));

    private static string?[] Keys(Dataset cut, IReadOnlyList<string?> keys) =>
        [.. Enumerable.Range(0, cut.Items.Count).Select(item => keys[NumberedRows.Number(cut.Items, item)])];

    private static Dataset Everything(Dataset all, int[] users, ulong seed)
    {
        var rows = new NumberedRows();
        foreach (var user in users.Order())
        {
            Array.ForEach(NumberedRows.InOrder(all, user, seed), item => rows.Add(user, item));
        }

        return rows.Open();
    }

    private static Dataset Federation(Dataset all, int[] users, ulong seed)
    {
        var (rows, few) = (new NumberedRows(), users.Take(users.Length / 3).ToHashSet());
        foreach (var user in users.Order())
        {
            var own = all.Train.Items(user).ToArray();
            var random = SeedSequence.For(seed, "few", user);
            random.Shuffle<int>(own);
            Array.ForEach(few.Contains(user) ? [.. own.Take(Few)] : own, item => rows.Add(user, item));
            Array.ForEach(all.Test.Items(user).ToArray(), item => rows.Add(user, item, heldOut: true));
        }

        return rows.Open();
    }
}
