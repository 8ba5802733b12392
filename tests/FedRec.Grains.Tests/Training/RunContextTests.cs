using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Grains.Parties;
using FedRec.Grains.Privacy;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;
using FedRec.Scenarios;
using Microsoft.Extensions.Logging;

namespace FedRec.Grains.Tests.Training;

public sealed class RunContextTests
{
    [Fact]
    public void LogTrainingFailed_ManyClients_WarnsOnce()
    {
        var (data, log) = (SyntheticCatalogue.Create(new SyntheticOptions { Users = 6, Items = 9 }).ToDataset(), new Levels());
        var clients = ClientPartition.PerUser(data);
        var learner = LearnerRegistry.Create("mf", new Dictionary<string, string>(), FederationShape.Of(data, clients.Count));
        using var run = new RunContext("test/run-1", RunDefinition.Of(RunRequests.WithDefaults(TestFederation.Request(), FederationParts.BuiltIn()), new RunSource(), data, clients), learner, FederationParts.BuiltIn(), SiloSecret.None, log);

        Parallel.For(0, 50, _ => run.LogTrainingFailed(1, new InvalidOperationException("No luck.")));

        Assert.Equal(1, log.Warnings);
        Assert.Equal(49, log.Others);
    }

    private sealed class Levels : ILogger
    {
        private int _warnings;
        private int _others;

        public int Warnings => _warnings;

        public int Others => _others;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Interlocked.Increment(ref logLevel == LogLevel.Warning ? ref _warnings : ref _others);
    }
}
