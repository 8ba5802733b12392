using FedRec.Core.Aggregation;

namespace FedRec.Core.Federation;

/// <summary>The exact sum of one or more clients' updates.</summary>
/// <param name="Round">Round they were trained for.</param>
/// <param name="BaseVersion">Version they were trained from.</param>
/// <param name="Clients">Clients in the sum, without repeats.</param>
/// <param name="Sum">Their sum.</param>
public sealed record Submission(int Round, long BaseVersion, IReadOnlyList<int> Clients, FixedPointSum Sum);
