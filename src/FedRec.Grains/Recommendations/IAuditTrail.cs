namespace FedRec.Grains.Recommendations;

/// <summary>Where recommendations are recorded that must not be shown unrecorded; the host of a silo registers one.</summary>
/// <remarks>It belongs to whoever runs the silo, as the lines name people and their own items.</remarks>
public interface IAuditTrail
{
    /// <summary>Adds the lines of one answer, all or none of them. Not repeatable: a second call adds them again.</summary>
    /// <param name="federation">Whose trail it is.</param>
    /// <param name="lines">In order of rank, at least one.</param>
    /// <param name="cancellationToken">Gives up waiting for others who write; then none of the lines is there.</param>
    /// <exception cref="IOException">They cannot be kept; the answer is not shown then.</exception>
    /// <exception cref="UnauthorizedAccessException">The place may not be written to.</exception>
    Task AppendAsync(string federation, IReadOnlyList<AuditLine> lines, CancellationToken cancellationToken = default);
}
