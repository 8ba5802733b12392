using System.CommandLine;
using FedRec.Cli;
using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Cli.Runs;
using FedRec.Contracts.Runs;
using FedRec.Integration.Tests.Storage;
using FedRec.Integration.Tests.Web;
using FedRec.Integration.Tests.Web.Doubles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Whether a cluster is reached as an Orleans client or over HTTP, the same is asked of it, and the same is heard.</summary>
public sealed class RunWaysTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeCluster _cluster = new();
    private WebHost _host = null!;
    private HttpRuns _far = null!;
    private ClusterRuns _near = null!;

    public async Task InitializeAsync()
    {
        _host = await WebHost.StartAsync(_cluster);
        _far = new HttpRuns(_host.Address, null);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IGrainFactory>(_cluster);
        _near = new ClusterRuns(new CommandContext(CommandRun.Terminal(_folder.Path), new RootCommand().Parse([])), new FedRecSession(builder.Build(), null, null, ownsSilo: false));
    }

    public async Task DisposeAsync()
    {
        await _near.DisposeAsync();
        await _far.DisposeAsync();
        await _host.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task BothWays_HearTheSame()
    {
        var run = Scenes.MidRun(_cluster, closed: 3);
        run.End(RunPhase.Completed, "all rounds");
        _cluster.Add("other").AddRun("run-1");

        await SameAsync(runs => runs.ListAsync("movies", 5, default));
        await SameAsync(runs => runs.ListAsync(null, 5, default));
        await SameAsync(runs => runs.GetAsync(new RunName("movies", null), default));
        await SameAsync(runs => runs.GetAsync(new RunName("movies", "run-3"), default));
        await SameAsync(runs => runs.GetMetricsAsync(new RunName("movies", "run-3"), default));
        var (near, far) = (await EventsAsync(_near), await EventsAsync(_far));
        Assert.Equal(near.Select(one => (one.Id, one.Kind, one.Round, one.Record?.Participants, one.Record?.Loss, one.Evaluation?.Metrics["hr@10"])),
            far.Select(one => (one.Id, one.Kind, one.Round, one.Record?.Participants, one.Record?.Loss, one.Evaluation?.Metrics["hr@10"])));
    }

    [Fact]
    public async Task BothWays_AskTheSame()
    {
        var federation = _cluster.Add("movies");
        var request = new RunRequest { Federation = "movies", Learner = "mf", Seed = 9, Patience = 3, TargetMetric = "loss", TargetValue = 0.4, WarmStart = 2, Rounds = new() { Count = 4, Trim = 0.1, Deadline = TimeSpan.FromSeconds(3), Steps = "zstd" } };

        var near = await _near.StartAsync(request, default);
        var asked = federation.Requested!;
        var far = await _far.StartAsync(request, default);

        Assert.Equal(near, far);
        Assert.Equal(Json.Line(request), Json.Line(asked));
        Assert.Equal(Json.Line(asked), Json.Line(federation.Requested!));
    }

    [Fact]
    public async Task BothWays_RefuseTheSame()
    {
        _cluster.Add("movies").AddRun("run-1", s => s with { Phase = RunPhase.Completed });

        foreach (IRuns runs in new IRuns[] { _near, _far })
        {
            await Assert.ThrowsAsync<CliException>(() => runs.GetAsync(new RunName("movies", "run-2"), default));
            await Assert.ThrowsAsync<CliException>(() => runs.GetAsync(new RunName("nowhere", "run-1"), default));
            await Assert.ThrowsAsync<CliException>(() => runs.StopAsync(new RunName("movies", "run-1"), default));
            await Assert.ThrowsAsync<CliException>(() => runs.ResumeAsync(new RunName("movies", "run-1"), default));
            _cluster.Federations[0].Receipt = new RunReceipt(RunOutcome.Invalid, "", "Learner 'x' is not known.");
            var invalid = await Assert.ThrowsAsync<CliException>(() => runs.StartAsync(new RunRequest { Federation = "movies", Learner = "x" }, default));
            Assert.Contains("Learner 'x' is not known.", invalid.Message, StringComparison.Ordinal);
        }
    }

    private async Task SameAsync<T>(Func<IRuns, Task<T>> ask) => Assert.Equal(Json.Indented(await ask(_near)), Json.Indented(await ask(_far)));

    private static async Task<List<RunEvent>> EventsAsync(IRuns runs)
    {
        var events = new List<RunEvent>();
        await foreach (var one in runs.ReadEventsAsync(new RunName("movies", "run-3"), 2, default))
        {
            events.Add(one);
        }

        return events;
    }
}
