namespace FedRec.Core.Data;

/// <summary>How old items are among a user's own: how many of the others are newer.</summary>
/// <remarks>0 for the newest. Items of the same time share the middle of their places, so that their order in a file says nothing.</remarks>
public static class Ages
{
    /// <summary>Works ages out.</summary>
    /// <param name="times">The items' times, in any unit.</param>
    /// <param name="ages">Receives one age per item, in items.</param>
    public static void Of(ReadOnlySpan<long> times, Span<float> ages)
    {
        var order = new int[times.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        var sorted = times.ToArray();
        Array.Sort(sorted, order);
        for (var start = 0; start < order.Length;)
        {
            var end = start + 1;
            while (end < order.Length && sorted[end] == sorted[start])
            {
                end++;
            }

            foreach (var i in order.AsSpan(start..end))
            {
                ages[i] = order.Length - 1 - ((start + end - 1) / 2f);
            }

            start = end;
        }
    }

    /// <summary>Ages of some of a user's items among themselves, as if there were no others.</summary>
    /// <param name="ages">Their ages among all.</param>
    /// <param name="among">Receives their ages among themselves.</param>
    public static void Among(ReadOnlySpan<float> ages, Span<float> among)
    {
        var times = new long[ages.Length];
        for (var i = 0; i < times.Length; i++)
        {
            times[i] = -(long)(2 * ages[i]); // ages are whole or half numbers
        }

        Of(times, among);
    }
}
