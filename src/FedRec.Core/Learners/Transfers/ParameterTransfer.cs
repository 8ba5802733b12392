using FedRec.Core.Updates;

namespace FedRec.Core.Learners.Transfers;

/// <summary>Carries parameters from one catalogue to another: item rows by item, feature columns by name, all else as it is.</summary>
/// <remarks>What has no counterpart keeps the value that the learner begins with. Made once of two learners; holds no parameters.</remarks>
public sealed class ParameterTransfer
{
    private readonly ILearner _source;
    private readonly ILearner _target;
    private readonly List<(int From, int To, int Length)> _copies = [];
    private readonly List<(int From, int To, int Items, int[] Rows)> _pairs = []; // not listed one by one: there are millions

    private ParameterTransfer(ILearner source, ILearner target) => (_source, _target) = (source, target);

    /// <summary>Items of the new catalogue that the old one has.</summary>
    public int MatchedItems { get; private set; }

    /// <summary>Items of the new catalogue.</summary>
    public int Items { get; private set; }

    /// <summary>Feature columns of the new federation that the old one has.</summary>
    public int MatchedFeatures { get; private set; }

    /// <summary>Feature columns of the new federation.</summary>
    public int Features { get; private set; }

    /// <summary>What is found, in words.</summary>
    public string Summary => $"{MatchedItems} of {Items} items" + (Features > 0 ? $" and {MatchedFeatures} of {Features} feature columns" : "") + " found there";

    /// <summary>Finds what corresponds.</summary>
    /// <param name="source">The learner that made the parameters.</param>
    /// <param name="sourceItems">A key for each item of its catalogue, null for one that corresponds to nothing.</param>
    /// <param name="target">The learner that is to begin with them.</param>
    /// <param name="targetItems">A key for each item of the new catalogue.</param>
    /// <exception cref="ArgumentException">The learners differ, cannot be carried, have blocks that do not fit, or nothing corresponds.</exception>
    public static ParameterTransfer Plan(ILearner source, IReadOnlyList<string?> sourceItems, ILearner target, IReadOnlyList<string?> targetItems)
    {
        if (source.Name != target.Name)
        {
            throw new ArgumentException($"The version is one of the learner {source.Name}, but this run trains {target.Name}.");
        }

        if (source.Meanings is not { } meanings || target.Meanings is not { } wanted)
        {
            throw new ArgumentException($"Parameters of {target.Name} hold for one catalogue and cannot be carried to another; mf, ncf and two-tower can.");
        }

        var plan = new ParameterTransfer(source, target) { Items = targetItems.Count };
        var rows = Places(sourceItems, targetItems);
        plan.MatchedItems = rows.Count(row => row >= 0);
        for (var block = 0; block < wanted.Count; block++)
        {
            plan.Match(block, wanted[block], meanings, rows, sourceItems.Count);
        }

        return plan.MatchedItems + plan.MatchedFeatures > 0 ? plan : throw new ArgumentException(
            $"None of the {plan.Items} items{(plan.Features > 0 ? $" and {plan.Features} feature columns" : "")} of this catalogue is in the other one, so there is nothing to begin with. Are ids written alike? Titles may match where ids do not.");
    }

    /// <summary>The parameters to begin with.</summary>
    /// <param name="source">Values of the version.</param>
    /// <param name="initial">What the learner begins with by itself; receives what corresponds.</param>
    /// <exception cref="ArgumentException">The values are not those of the planned learners.</exception>
    public float[] Carry(ReadOnlySpan<float> source, float[] initial)
    {
        if (source.Length != _source.Parameters.Length || initial.Length != _target.Parameters.Length)
        {
            throw new ArgumentException($"The version has {source.Length} values where {_source.Parameters.Length} were planned for, or this run {initial.Length} instead of {_target.Parameters.Length}. Was its data changed since?");
        }

        foreach (var (from, to, length) in _copies)
        {
            source.Slice(from, length).CopyTo(initial.AsSpan(to));
        }

        foreach (var (from, to, items, rows) in _pairs)
        {
            CarryPairs(source[from..], initial.AsSpan(to), items, rows);
        }

        return initial;
    }

    private static void CarryPairs(ReadOnlySpan<float> source, Span<float> target, int items, int[] rows)
    {
        var next = 0;
        for (var low = 0; low < rows.Length; low++)
        {
            for (var high = low; high < rows.Length; high++, next++)
            {
                if (rows[low] >= 0 && rows[high] >= 0)
                {
                    target[next] = source[BlockMeaning.PairIndex(Math.Min(rows[low], rows[high]), Math.Max(rows[low], rows[high]), items)];
                }
            }
        }
    }

    private void Match(int block, BlockMeaning meaning, IReadOnlyList<BlockMeaning> sources, int[] itemRows, int sourceItems)
    {
        var shape = _target.Parameters.Blocks[block];
        var other = _source.Parameters.Blocks.ToList().FindIndex(one => one.Name == shape.Name);
        if (meaning.StartsAnew || (other < 0 && meaning.Columns is not null))
        {
            return; // statistics of features that the other federation does not have
        }

        var from = other < 0 ? null : _source.Parameters.Blocks[other];
        if (meaning.PerPair && from is not null)
        {
            _pairs.Add((_source.Parameters.Offset(other), _target.Parameters.Offset(block), sourceItems, itemRows));
            return;
        }

        if (from is null || (!meaning.PerItem && from.Rows != shape.Rows) || (meaning.Columns is null && from.Columns != shape.Columns))
        {
            throw new ArgumentException($"{shape.Name} is {shape.Rows} × {shape.Columns}, but {(from is null ? "missing" : $"{from.Rows} × {from.Columns}")} in the other version; use the learner options of that version.");
        }

        var rows = meaning.PerItem ? itemRows : [.. Enumerable.Range(0, shape.Rows)];
        var columns = meaning.Columns is { } names ? ColumnPlaces(sources[other].Columns!, names, shape, from) : null;
        Copy((_source.Parameters.Offset(other), from.Columns), (_target.Parameters.Offset(block), shape.Columns), rows, columns);
    }

    private void Copy((int Offset, int Columns) from, (int Offset, int Columns) to, int[] rows, int[]? columns)
    {
        for (var row = 0; row < rows.Length; row++)
        {
            var (source, target) = (from.Offset + (rows[row] * from.Columns), to.Offset + (row * to.Columns));
            if (rows[row] >= 0 && columns is null)
            {
                _copies.Add((source, target, to.Columns));
                continue;
            }

            for (var column = 0; rows[row] >= 0 && column < columns!.Length; column++)
            {
                if (columns[column] >= 0)
                {
                    _copies.Add((source + columns[column], target + column, 1));
                }
            }
        }
    }

    private int[] ColumnPlaces(IReadOnlyList<string?> source, IReadOnlyList<string?> target, ParameterBlock shape, ParameterBlock from)
    {
        if (source.Count(name => name is null) != target.Count(name => name is null))
        {
            throw new ArgumentException($"{shape.Name} has {shape.Columns} columns and {from.Columns} in the other version, of which those without a feature differ; use the learner options of that version.");
        }

        var places = Places(source, target);
        (Features, MatchedFeatures) = (Features + target.Count(name => name is not null), MatchedFeatures + places.Count(place => place >= 0));
        int[] plain = [.. Enumerable.Range(0, source.Count).Where(column => source[column] is null)];
        var next = 0;
        for (var column = 0; column < places.Length; column++)
        {
            places[column] = target[column] is null ? plain[next++] : places[column];
        }

        return places;
    }

    /// <summary>Where each target key is in the source; −1 where it is not.</summary>
    private static int[] Places(IReadOnlyList<string?> source, IReadOnlyList<string?> target)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < source.Count; i++)
        {
            if (source[i] is { } key)
            {
                places.TryAdd(key, i);
            }
        }

        return [.. target.Select(key => key is not null && places.TryGetValue(key, out var place) ? place : -1)];
    }
}

/// <summary>What the rows and columns of a parameter block stand for, so that its values can be carried to another catalogue.</summary>
public sealed record BlockMeaning
{
    /// <summary>A block that means the same everywhere, such as a layer: its shape must agree, and all of it is carried.</summary>
    public static BlockMeaning Same { get; } = new();

    /// <summary>A block with a row for each item.</summary>
    public static BlockMeaning Items { get; } = new() { PerItem = true };

    /// <summary>A block with a value for each pair of items, the upper triangle of a symmetric matrix row after row.</summary>
    public static BlockMeaning ItemPairs { get; } = new() { PerPair = true };

    /// <summary>A block that begins anew in another federation, such as a flag that says that statistics of its data are known.</summary>
    public static BlockMeaning Anew { get; } = new() { StartsAnew = true };

    /// <summary>Where a pair of items stands in a block of <see cref="ItemPairs"/>; <paramref name="low"/> is at most <paramref name="high"/>.</summary>
    public static int PairIndex(int low, int high, int items) => (int)(((long)low * items) - ((long)low * (low - 1) / 2) + (high - low));

    /// <summary>Whether row i is of item i. Default: false.</summary>
    public bool PerItem { get; private init; }

    /// <summary>Whether there is a value for each pair of items, each item with itself among them. Default: false.</summary>
    public bool PerPair { get; private init; }

    /// <summary>Whether nothing of it is carried. Default: false.</summary>
    public bool StartsAnew { get; private init; }

    /// <summary>A name for each column that depends on the data, such as that of a feature; null for columns that mean the same everywhere. Default: null.</summary>
    public IReadOnlyList<string?>? Columns { get; private init; }

    /// <summary>A block whose columns are found by name; those without a name, all in one stretch, mean the same everywhere.</summary>
    public static BlockMeaning ByColumn(IReadOnlyList<string?> columns) => new() { Columns = columns };
}
