using FedRec.Contracts.RemoteParties;
using FedRec.Grains.RemoteParties;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>What a twin keeps of what its party has done.</summary>
public sealed class PartyStateTests
{
    [Fact]
    public void With_AnotherUpdateOfARoundThatWasLostAndDoneAgain_CountsTheRoundOnce()
    {
        var state = new[] { (1, 1), (2, 1), (1, 2), (2, 2), (3, 1) }.Aggregate(new PartyState(), (before, at) =>
        {
            var receipt = new PartyReceipt(new PartyUpdateId("run-1", at.Item1, at.Item2), "ab", PartyOutcome.Offered, 100, DateTimeOffset.UnixEpoch);
            return before.With(receipt).With(receipt with { Outcome = PartyOutcome.Counted });
        });

        Assert.Equal((3L, 3, 500L, 500L), (state.Counted, state.Runs[0].Counted, state.BytesUp, state.Runs[0].BytesUp));
        Assert.Equal(4, state.With(new PartyReceipt(new PartyUpdateId("run-2", 3, 1), "ab", PartyOutcome.Counted, 100, DateTimeOffset.UnixEpoch)).Counted); // of another run
    }
}
