using System.Collections.Immutable;
using FedRec.Contracts.Histories;

namespace FedRec.Integration.Tests.Web.Doubles;

/// <summary>Takes changes in and answers what it is told to.</summary>
internal sealed class FakeHistory
{
    public FakeHistory() => Grain = new HistoryGrain(this);

    public IHistoryGrain Grain { get; }

    public HistoryReceipt Receipt { get; set; } = new(HistoryOutcome.Recorded, "Recorded.");

    public List<HistoryChange> Changes { get; } = [];

    /// <summary>What follows from a change.</summary>
    public Action<HistoryChange> Recorded { get; set; } = _ => { };

    private sealed class HistoryGrain(FakeHistory history) : IHistoryGrain
    {
        public Task<HistoryReceipt> RecordAsync(HistoryChange change, CancellationToken cancellationToken)
        {
            history.Changes.Add(change);
            history.Recorded(change);
            return Task.FromResult(history.Receipt);
        }

        public async Task<ForgettingReceipt> ForgetAsync(string user, bool retires, CancellationToken cancellationToken)
        {
            var receipt = await RecordAsync(new HistoryChange(user, HistoryChangeKind.Forgotten), cancellationToken);
            return new ForgettingReceipt(receipt, receipt.Outcome is HistoryOutcome.Recorded ? new ForgettingCertificate { Federation = "movies", Edition = 1, Retires = retires } : null);
        }

        public Task<ImportReceipt> ImportAsync(ImmutableArray<HistoryChange> changes, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ImportReceipt> ImportOfAsync(string client, ImmutableArray<HistoryChange> changes, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
