using FedRec.Grains.Recommendations;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Recommendations;

/// <summary>A trail in memory, for all silos of a test; it can be made to fail.</summary>
internal sealed class KeptAuditTrail : IAuditTrail
{
    private readonly List<AuditLine> _lines = [];

    public IReadOnlyList<AuditLine> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>What an append throws; null for nothing.</summary>
    public Exception? Failure { get; set; }

    public Task AppendAsync(string federation, IReadOnlyList<AuditLine> lines, CancellationToken cancellationToken = default)
    {
        lock (_lines)
        {
            _lines.AddRange(Failure is null ? lines : throw Failure);
            return Task.CompletedTask;
        }
    }

    public void AddTo(ISiloBuilder silo) => silo.Services.AddSingleton<IAuditTrail>(this);
}
