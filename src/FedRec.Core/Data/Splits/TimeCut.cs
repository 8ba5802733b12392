namespace FedRec.Core.Data.Splits;

/// <summary>The times at which a temporal split cuts: the same for everybody.</summary>
/// <param name="Validation">First time that is no longer training, where validation is held out; else <paramref name="Test"/>.</param>
/// <param name="Test">First time of the test.</param>
/// <remarks>A cut lies between two times, never within one: rows of equal time are on one side, so neither the order of the rows nor of the users shows.</remarks>
internal readonly record struct TimeCut(long Validation, long Test)
{
    /// <summary>Cuts off the newest rows, and as many before them for validation.</summary>
    /// <param name="times">The times of all rows; sorted here.</param>
    /// <param name="share">Share of the rows after each cut, above 0; more where times are equal.</param>
    /// <param name="holdOutValidation">Whether there are two cuts.</param>
    /// <returns>The cuts; null when there are too few different times for them.</returns>
    public static TimeCut? Of(long[] times, double share, bool holdOutValidation)
    {
        Array.Sort(times);
        var count = Math.Max(1, (int)Math.Round(share * times.Length));
        var test = First(times, count);
        var validation = test > 0 && holdOutValidation ? First(times.AsSpan(..test), count) : test;
        return validation > 0 ? new TimeCut(times[validation], times[test]) : null;
    }

    /// <summary>The first of the newest rows; 0 when all have one time.</summary>
    private static int First(ReadOnlySpan<long> sorted, int count)
    {
        var first = Math.Max(0, sorted.Length - count);
        while (first > 0 && sorted[first - 1] == sorted[first])
        {
            first--; // all of one time
        }

        while (first < sorted.Length && sorted[first] == sorted[0])
        {
            first++; // something is left before the cut
        }

        return first == sorted.Length ? 0 : first;
    }
}
