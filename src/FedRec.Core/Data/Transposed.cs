namespace FedRec.Core.Data;

/// <summary>The other side of users' items: each item's users.</summary>
internal static class Transposed
{
    /// <summary>Training interactions of each item.</summary>
    public static int[] CountItems(UserItems rows, int items)
    {
        var counts = new int[items];
        for (var user = 0; user < rows.UserCount; user++)
        {
            foreach (var item in rows.Items(user))
            {
                counts[item]++;
            }
        }

        return counts;
    }

    /// <summary>Rows of items that hold users, ascending.</summary>
    public static UserItems Of(UserItems rows, int items)
    {
        var offsets = new int[items + 1];
        var counts = CountItems(rows, items);
        for (var item = 0; item < items; item++)
        {
            offsets[item + 1] = offsets[item] + counts[item];
        }

        var (users, next, weights) = (new int[rows.Count], offsets[..^1], new float[rows.HasWeights ? rows.Count : 0]);
        for (var user = 0; user < rows.UserCount; user++)
        {
            var own = rows.Items(user);
            var weightsOfUser = rows.Weights(user);
            for (var i = 0; i < own.Length; i++)
            {
                var place = next[own[i]]++;
                users[place] = user;
                if (!weightsOfUser.IsEmpty)
                {
                    weights[place] = weightsOfUser[i];
                }
            }
        }

        return new UserItems(offsets, users, weights: weights);
    }
}
