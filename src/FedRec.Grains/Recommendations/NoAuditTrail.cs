namespace FedRec.Grains.Recommendations;

/// <summary>Stands in where the host registered no trail: audited data is not recommended from.</summary>
internal sealed class NoAuditTrail : IAuditTrail
{
    public Task AppendAsync(string federation, IReadOnlyList<AuditLine> lines, CancellationToken cancellationToken = default) =>
        throw new IOException($"The host of this silo has registered no {nameof(IAuditTrail)}.");
}
