using FedRec.Integration.Tests.EndToEnd;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>What a party does when its own machine does not do what it should.</summary>
public sealed class PartyWorkerTests
{
    // As on a disk that is full: what cannot be noted first is not sent, and the coordinator is not blamed.
    [Fact]
    public async Task Run_WhoseLogCannotBeWritten_SendsNothing_SaysSo_AndGoesOnOnceItCan()
    {
        using var party = new WorkingParty();
        using var stop = new CancellationTokenSource(FedRecProcess.Limit);
        party.Coordinator.Asked.Enqueue(party.Order());
        Task running;
        using (new FileStream(party.Folder.LogPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            running = party.Worker.RunAsync(stop.Token);
            await UntilAsync(party, () => party.Said.Count > 1, stop.Token); // what it has read
            Assert.Equal((0, 0), (party.Coordinator.Reports.Count, party.Coordinator.Updates.Count));
        }

        await UntilAsync(party, () => party.Coordinator.Updates.Count > 0, stop.Token);
        await stop.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Single(party.Coordinator.Updates);
        Assert.StartsWith("nothing was sent: ", party.Said[1], StringComparison.Ordinal);
        Assert.DoesNotContain(party.Said, words => words.Contains("cannot be reached", StringComparison.Ordinal));
    }

    private static async Task UntilAsync(WorkingParty party, Func<bool> isThere, CancellationToken cancellationToken)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!isThere() && await again.WaitForNextTickAsync(cancellationToken))
        {
            party.Time.Advance(TimeSpan.FromSeconds(1)); // it waits between its tries
        }
    }
}
