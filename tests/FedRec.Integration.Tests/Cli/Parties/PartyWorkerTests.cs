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

    [Theory]
    [InlineData(20, 20)]
    [InlineData(0, 1)] // its own pause is longer
    [InlineData(86_400, 600)] // nobody has it wait for a day
    public async Task Run_WhileTheCoordinatorHasTooMuchToDo_ComesBackWhenItSays_AndWorksThen(int asked, int waits)
    {
        using var party = new WorkingParty();
        using var stop = new CancellationTokenSource(FedRecProcess.Limit);
        var polls = new List<DateTimeOffset>();
        party.Coordinator.Asked.Enqueue(party.Order());
        (party.Coordinator.Busy, party.Coordinator.OnPoll) = (TimeSpan.FromSeconds(asked), () => polls.Add(party.Time.GetUtcNow()));
        var running = party.Worker.RunAsync(stop.Token);
        await UntilAsync(party, () => polls.Count > 0, stop.Token);
        party.Coordinator.Busy = null;

        await UntilAsync(party, () => party.Coordinator.Updates.Count > 0, stop.Token, step: Math.Max(1, waits / 20));
        await stop.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.True(polls[1] - polls[0] >= TimeSpan.FromSeconds(waits), $"The second poll came {polls[1] - polls[0]} after the first.");
        Assert.True(polls[1] - polls[0] < TimeSpan.FromSeconds(86_400), "It waited for a day.");
    }

    private static async Task UntilAsync(WorkingParty party, Func<bool> isThere, CancellationToken cancellationToken, int step = 1)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!isThere() && await again.WaitForNextTickAsync(cancellationToken))
        {
            party.Time.Advance(TimeSpan.FromSeconds(step)); // it waits between its tries
        }
    }
}
