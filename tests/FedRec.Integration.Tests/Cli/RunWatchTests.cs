using System.CommandLine;
using System.Runtime.CompilerServices;
using FedRec.Cli;
using FedRec.Cli.Commands;
using FedRec.Cli.Runs;
using FedRec.Contracts.Runs;
using FedRec.Integration.Tests.Storage;
using FedRec.Web;
using FedRec.Web.Api;
using Microsoft.Extensions.Options;

namespace FedRec.Integration.Tests.Cli;

public sealed class RunWatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A silo that is lost at any of the watcher's questions ends a question, and not the watching.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Watch_WithASiloLostAtOneOfItsQuestions_TellsHowTheRunEnded(int lostAt)
    {
        var terminal = CommandRun.Terminal(_folder.Path);
        await using var runs = new Runs(lostAt);

        var code = await RunWatchCommand.WatchAsync(new CommandContext(terminal, new RootCommand().Parse("")), runs, new RunName("shop", "run-1"), CancellationToken.None);

        Assert.Equal(ExitCode.Ok, code);
        Assert.True(runs.Asked > lostAt);
    }

    [Fact]
    public async Task Watch_OfARunThatIsNotThere_IsRefusedAtOnce()
    {
        var terminal = CommandRun.Terminal(_folder.Path);
        await using var runs = new Runs(lostAt: 0);

        await Assert.ThrowsAsync<CliException>(() =>
            RunWatchCommand.WatchAsync(new CommandContext(terminal, new RootCommand().Parse("")), runs, new RunName("shop", "run-9"), CancellationToken.None));

        Assert.Equal(1, runs.Asked);
    }

    private sealed class Runs(int lostAt) : IRuns
    {
        private readonly DataRoot _root = new(Options.Create(new FedRecWebOptions()));

        public int Asked { get; private set; }

        public Task<RunView> GetAsync(RunName run, CancellationToken cancellationToken)
        {
            Ask();
            return run.Id == "run-1"
                ? Task.FromResult(RunView.From(new RunStatus { RunId = "run-1", Request = new RunRequest { Federation = "shop", Learner = "mf" }, Phase = RunPhase.Completed, Version = 1 }, _root))
                : throw new CliException(ExitCode.Failed, "There is no such run.");
        }

        public async IAsyncEnumerable<RunEvent> ReadEventsAsync(RunName run, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            Ask();
            yield break;
        }

        public Task<RunStartedView> StartAsync(RunRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<RunView>> ListAsync(string? federation, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<MetricsView> GetMetricsAsync(RunName run, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<RunPartyView>> GetPartiesAsync(RunName run, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task StopAsync(RunName run, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<RunStartedView> ResumeAsync(RunName run, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Ask()
        {
            if (++Asked == lostAt)
            {
                throw new TimeoutException("The silo is gone.");
            }
        }
    }
}
