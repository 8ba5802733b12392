using FedRec.Core.Aggregation;

namespace FedRec.Core.Federation;

/// <summary>What one or more clients' updates come to.</summary>
/// <param name="Round">Round they were trained for.</param>
/// <param name="BaseVersion">Version they were trained from.</param>
/// <param name="Clients">Clients in the sum, without repeats.</param>
/// <param name="Partial">What they come to.</param>
public sealed record Submission(int Round, long BaseVersion, IReadOnlyList<int> Clients, IPartial Partial);
