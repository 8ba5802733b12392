using FedRec.Core.Aggregation;

namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>Every pair's count: the upper triangle of XᵀX, row after row, with the items' own counts on the diagonal.</summary>
/// <remarks>n·(n + 1)/2 numbers: 5.7 MB for 1,682 items, 27 MB for 3,706, 200 MB for 10,000; as sums twice that, and the weights
/// n² numbers. Exact up to 2²⁴ users, above which a float32 no longer holds every whole number.</remarks>
internal sealed class PairCounts(int items) : ICoOccurrences
{
    private readonly ParameterBlock[] _blocks = [new("pair_counts", 1, checked((int)((long)items * (items + 1) / 2)))];

    /// <inheritdoc/>
    public ReadOnlySpan<ParameterBlock> Blocks => _blocks;

    /// <summary>Where the pair stands in the triangle; <paramref name="low"/> is at most <paramref name="high"/>.</summary>
    public static int Index(int low, int high, int items) => (int)(((long)low * items) - ((long)low * (low - 1) / 2) + (high - low));

    /// <inheritdoc/>
    public IShare CreateShare() => new Share(items);

    /// <inheritdoc/>
    public void Counts(ReadOnlySpan<float> statistics, Span<float> counts)
    {
        for (var item = 0; item < items; item++)
        {
            counts[item] = statistics[Index(item, item, items)];
        }
    }

    /// <inheritdoc/>
    public IItemWeights Solve(ReadOnlySpan<float> statistics, ReadOnlySpan<double> penalties) => DenseWeights.Solve(Full(statistics), items, penalties);

    /// <summary>The symmetric matrix, row-major.</summary>
    private double[] Full(ReadOnlySpan<float> triangle)
    {
        var full = new double[(long)items * items];
        var next = 0;
        for (var row = 0; row < items; row++)
        {
            for (var column = row; column < items; column++)
            {
                var count = triangle[next++];
                full[((long)row * items) + column] = count;
                full[((long)column * items) + row] = count;
            }
        }

        return full;
    }

    private sealed class Share(int items) : IShare
    {
        private int[] _before = [];
        private int[] _after = [];

        public int Add(ReadOnlySpan<int> before, ReadOnlySpan<int> after, ContributionBuffer output)
        {
            var was = Pairs(before, ref _before);
            var becomes = Pairs(after, ref _after);
            RemoveCommon(ref was, ref becomes);
            output.Rows(becomes, columns: 1).Fill(1);
            output.Rows(was, columns: 1).Fill(-1);
            return 1;
        }

        /// <summary>The places of all pairs of a user's items, ascending.</summary>
        private Span<int> Pairs(ReadOnlySpan<int> own, ref int[] memory)
        {
            var count = checked(own.Length * (own.Length + 1) / 2);
            if (memory.Length < count)
            {
                memory = new int[count];
            }

            var next = 0;
            for (var i = 0; i < own.Length; i++)
            {
                var row = Index(own[i], own[i], items) - own[i];
                foreach (var other in own[i..])
                {
                    memory[next++] = row + other;
                }
            }

            return memory.AsSpan(0, count);
        }

        /// <summary>Drops what is in both ascending lists.</summary>
        private static void RemoveCommon(ref Span<int> was, ref Span<int> becomes)
        {
            if (was.IsEmpty)
            {
                return;
            }

            var (a, b, keptA, keptB) = (0, 0, 0, 0);
            while (a < was.Length || b < becomes.Length)
            {
                if (b == becomes.Length || (a < was.Length && was[a] < becomes[b]))
                {
                    was[keptA++] = was[a++];
                }
                else if (a == was.Length || becomes[b] < was[a])
                {
                    becomes[keptB++] = becomes[b++];
                }
                else
                {
                    (a, b) = (a + 1, b + 1);
                }
            }

            was = was[..keptA];
            becomes = becomes[..keptB];
        }
    }
}
