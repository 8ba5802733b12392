using FedRec.Hosting;
using FedRec.Integration.Tests.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FedRec.Integration.Tests.Hosting;

/// <summary>FedRec in anybody's host, by one line.</summary>
public sealed class AddFedRecTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Host_InMemory_TrainsAndAnswers()
    {
        using var host = Build(("FedRec:Storage:Kind", "memory"));
        await host.StartAsync();
        var shop = new HostedShop(host.Services.GetRequiredService<IGrainFactory>());

        var version = await shop.TrainAsync();

        var (user, _) = await shop.SomebodyAsync();
        Assert.StartsWith($"{version}: ", await shop.AskAsync(user), StringComparison.Ordinal);
        await host.StopAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path)); // memory leaves nothing behind
    }

    [Fact]
    public async Task Host_OnTheEmulator_StoppedAndStartedAgain_HasEverythingAndIsFoundByAClient()
    {
        using var client = BuildClient();
        string answer, user;
        using (var first = Build())
        {
            await first.StartAsync();
            var shop = new HostedShop(first.Services.GetRequiredService<IGrainFactory>());
            await shop.TrainAsync();
            (user, var item) = await shop.SomebodyAsync();
            var before = await shop.AskAsync(user);
            await shop.MeetAsync(user, item);
            answer = await shop.AskAsync(user);
            Assert.NotEqual(before, answer); // what the user has met is not recommended again
            await client.StartAsync();
            Assert.Equal(answer, await new HostedShop(client.Services.GetRequiredService<IGrainFactory>()).AskAsync(user));
            await AssertSecondIsRefusedAsync();
            await first.StopAsync();
        }

        using var second = Build();
        await second.StartAsync();

        Assert.Equal(answer, await new HostedShop(second.Services.GetRequiredService<IGrainFactory>()).AskAsync(user));
        using var later = BuildClient(); // the process has another port by now
        await later.StartAsync();
        Assert.Equal(answer, await new HostedShop(later.Services.GetRequiredService<IGrainFactory>()).AskAsync(user));
        await later.StopAsync();
        await client.StopAsync();
        await second.StopAsync();
    }

    [Theory]
    [InlineData("FedRec:Storage:Knd", "memory", "Did you mean FedRec:Storage:Kind?")]
    [InlineData("FedRec:Stores:Kind", "memory", "FedRec:Storage:Kind")]
    [InlineData("FedRec:Silo:SiloPort", "70000", "between 0 and 65535")]
    [InlineData("FedRec:Training:FlushInterval", "0s", "duration above zero")]
    [InlineData("FedRec:Storage:Kind", "blob", "ConnectionString is empty")]
    public void AddFedRec_WithAConfigurationThatIsNotRight_SaysWhatIs(string key, string value, string expected)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Build((key, value)));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddFedRec_WithValuesOfCodeThatAreNotAllowed_NamesEachAndNoSecret()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Host.CreateEmptyApplicationBuilder(null).AddFedRec(options =>
        {
            options.Storage.Kind = "disk";
            options.Storage.ConnectionString = "AccountKey=secret";
            options.Training.FlushInterval = TimeSpan.Zero;
            options.Models.Keep = 0;
        }));

        Assert.Equal(3, error.Failures.Count());
        Assert.All(new[] { "FedRec:Storage:Kind is 'disk'", "FedRec:Training:FlushInterval", "FedRec:Models:Keep" }, key => Assert.Contains(key, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddFedRecClient_OfAStoreInMemory_IsRefused() =>
        Assert.Contains("memory", Assert.Throws<OptionsValidationException>(() => Host.CreateEmptyApplicationBuilder(null).AddFedRecClient(o => o.Storage.Kind = "memory")).Message, StringComparison.Ordinal);

    private async Task AssertSecondIsRefusedAsync()
    {
        using var other = Build();
        var error = await Assert.ThrowsAsync<StorageSetupException>(() => other.StartAsync());
        Assert.Contains($"(process {Environment.ProcessId})", error.Message, StringComparison.Ordinal);
        Assert.Contains("FedRec:Storage:Folder", error.Message, StringComparison.Ordinal);
    }

    private IHost Build(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Append(("FedRec:Storage:Folder", _folder.Path)).Select(one => KeyValuePair.Create(one.Item1, (string?)one.Item2)));
        builder.Services.AddHostedService<Worker>();
        builder.AddFedRec();
        return builder.Build();
    }

    private IHost BuildClient()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.AddFedRecClient(options => options.Storage.Folder = _folder.Path);
        return builder.Build();
    }

    /// <summary>A service of the host's own that is made, with the grains in hand, before the store is there.</summary>
    private sealed class Worker(IGrainFactory grains) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            Assert.NotNull(grains);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
