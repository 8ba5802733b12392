namespace FedRec.Core.Data.Readers;

/// <summary>Lines that begin with a user and go on with all items of the user, as those of LightGCN and its followers; a row is a pair of both.</summary>
/// <param name="records">With blanks between fields; closed with the table.</param>
internal sealed class ItemsOfUserTable(RecordReader records) : ITable
{
    private int _item;

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns { get; } = ["user", "item"];

    /// <inheritdoc/>
    public long Line => records.Line;

    /// <inheritdoc/>
    public int FieldCount => Columns.Count;

    /// <inheritdoc/>
    public string? Fault => records.Fault;

    /// <inheritdoc/>
    public bool Read()
    {
        for (_item++; _item >= records.FieldCount; _item = 1)
        {
            if (!records.Read())
            {
                return false;
            }

            if (Fault is not null)
            {
                return true;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<char> Field(int column) => column switch { 0 => records[0], 1 => records[_item], _ => [] };

    /// <summary>Closes the file.</summary>
    public void Dispose() => records.Dispose();
}
