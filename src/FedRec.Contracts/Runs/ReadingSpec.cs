namespace FedRec.Contracts.Runs;

/// <summary>What the files of a run's data do not tell of themselves; what is null or false is found out from their content.</summary>
/// <remarks>A column is called by its name, or by its place from 1. The word <c>none</c> says that a file has no such column.</remarks>
[GenerateSerializer, Immutable, Alias("fedrec.reading-spec")]
public sealed record ReadingSpec
{
    /// <summary>The column of users. Default: null.</summary>
    [Id(0)] public string? UserColumn { get; init; }

    /// <summary>The column of items. Default: null.</summary>
    [Id(1)] public string? ItemColumn { get; init; }

    /// <summary>The column of times, or <c>none</c>. Default: null.</summary>
    [Id(2)] public string? TimeColumn { get; init; }

    /// <summary>The column of ratings, or <c>none</c>. Default: null.</summary>
    [Id(3)] public string? RatingColumn { get; init; }

    /// <summary>The column of kinds of events, or <c>none</c>. Default: null.</summary>
    [Id(4)] public string? KindColumn { get; init; }

    /// <summary>Whether the first line is data and names no columns. Default: false.</summary>
    [Id(5)] public bool NoHeader { get; init; }

    /// <summary>What stands between fields: a character, the same character twice, or <c>tab</c>, <c>comma</c>, <c>semicolon</c>, <c>bar</c>,
    /// <c>blanks</c>. Default: null.</summary>
    [Id(6)] public string? Separator { get; init; }

    /// <summary>What words of the column of kinds mean, such as <c>0=view,2=cart,3=purchase</c>. Default: null.</summary>
    [Id(7)] public string? Kinds { get; init; }

    /// <summary>How text is written as bytes, such as <c>latin1</c>; null for UTF-8. Default: null.</summary>
    [Id(8)] public string? Encoding { get; init; }
}
