namespace FedRec.Cli.Output;

/// <summary>An answer in rows: for people as a table, for programs as CSV.</summary>
/// <param name="Title">Over the table; not part of the CSV.</param>
/// <param name="Columns">Headings; a heading that begins with <c>&gt;</c> belongs to a column of numbers.</param>
internal sealed record ResultTable(string Title, params string[] Columns)
{
    private readonly List<string[]> _rows = [];

    public IReadOnlyList<string[]> Rows => _rows;

    /// <summary>Columns that people are spared; programs get them all.</summary>
    public ISet<int> Details { get; } = new HashSet<int>();

    /// <summary>Columns that people are spared where the table would be wider than the screen, the last ones first.</summary>
    public ISet<int> Secondary { get; } = new HashSet<int>();

    /// <summary>Lines under the table for people; not part of the CSV.</summary>
    public IList<string> Notes { get; } = [];

    public ResultTable Add(params string[] row)
    {
        _rows.Add(row.Length == Columns.Length ? row : throw new ArgumentException($"{row.Length} cells under {Columns.Length} headings.", nameof(row)));
        return this;
    }
}
