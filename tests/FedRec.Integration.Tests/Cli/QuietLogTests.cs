using Azure;
using FedRec.Cli;
using FedRec.Cli.Commands;
using FedRec.Cli.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FedRec.Integration.Tests.Cli;

/// <summary>What of a silo's logs a user sees.</summary>
public sealed class QuietLogTests
{
    [Theory]
    [InlineData("Orleans.Runtime.Scheduler.WorkItemGroup")]
    [InlineData("Orleans.Runtime.MembershipService.LocalSiloHealthMonitor")]
    [InlineData("Orleans.Runtime.ReminderService.LocalReminderService")]
    [InlineData("Orleans.Runtime.MessageCenter")]
    [InlineData("Orleans.Clustering.AzureStorage.AzureTableDataManager")]
    [InlineData("Orleans.Storage.AzureBlobGrainStorage")]
    [InlineData("Polly")]
    [InlineData("Azure.Core")]
    public void Library_ByDefaultAndQuiet_IsNotHeard(string category)
    {
        Assert.Equal("", Heard(category, LogLevel.Warning));
        Assert.Equal("", Heard(category, LogLevel.Error));
        Assert.Equal("", Heard(category, LogLevel.Error, "-q"));
        Assert.Equal("", Heard(category, LogLevel.Error, "-q", "--set", "Silo.LogLevel=Debug"));
    }

    [Theory]
    [InlineData(LogLevel.Warning, "--set", "Silo.LogLevel=Information")]
    [InlineData(LogLevel.Error, "--verbose")]
    public void Library_AskedFor_IsHeard(LogLevel level, params string[] options) =>
        Assert.Contains("said", Heard("Orleans.Runtime.Silo", level, options), StringComparison.Ordinal);

    [Fact]
    public void OwnWarning_IsHeardUnlessQuiet_AndAnErrorAlways()
    {
        Assert.Equal("warning: UnfinishedRuns: said", Heard("FedRec.Grains.Runs.UnfinishedRuns", LogLevel.Warning));
        Assert.Equal("", Heard("FedRec.Grains.Runs.UnfinishedRuns", LogLevel.Warning, "-q"));
        Assert.Equal("error: ProblemAnswers: said", Heard("FedRec.Web.Hosting.ProblemAnswers", LogLevel.Error, "-q"));
    }

    [Theory]
    [InlineData(409, "ContainerBeingDeleted", "The store refused the request: status 409, ContainerBeingDeleted")]
    [InlineData(0, null, "The store did not answer: status 0")]
    public void Warning_OfAStore_SaysInItsOneLineWhatIsWrong(int status, string? code, string cause)
    {
        var failed = new RequestFailedException(status, $"Service request failed.\nStatus: {status}", code, new IOException("inner"));

        Assert.Equal($"warning: RunGrain: said ({cause})", Heard("FedRec.Grains.Runs.RunGrain", LogLevel.Warning, new InvalidOperationException("outer", failed)));
    }

    private static string Heard(string category, LogLevel level, params string[] options) => Heard(category, level, null, options);

    private static string Heard(string category, LogLevel level, Exception? exception, params string[] options)
    {
        using var error = new StringWriter();
        var terminal = CommandRun.Terminal(Path.GetTempPath(), error: error);
        var root = new System.CommandLine.RootCommand();
        foreach (var option in CommonOptions.All)
        {
            root.Add(option);
        }

        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddQuietLog(new CommandContext(terminal, root.Parse(options)));
        using var host = builder.Build();
        host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category).Log(level, default, "said", exception, (said, _) => said);
        return error.ToString().Trim();
    }
}
