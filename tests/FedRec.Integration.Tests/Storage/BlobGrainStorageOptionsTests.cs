using Azure.Storage.Blobs;
using FedRec.Cli.Azurite;
using FedRec.Storage;
using FedRec.Storage.GrainStates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Providers;
using Orleans.Storage;

namespace FedRec.Integration.Tests.Storage;

public sealed class BlobGrainStorageOptionsTests
{
    private static readonly string s_connection = AzuriteProcess.ConnectionStringFor(new Uri("http://127.0.0.1:10000"));

    [Fact]
    public void Options_Defaults_AreTheOfficialOnes()
    {
        using var host = Host(options => options.ConnectionString = s_connection);

        var options = host.Services.GetRequiredService<IOptionsMonitor<BlobGrainStorageOptions>>().Get("blobs");

        Assert.Equal(("grainstate", true, ServiceLifecycleStage.ApplicationServices), (options.ContainerName, options.DeleteStateOnClear, options.InitStage));
        Assert.IsType<JsonGrainStorageSerializer>(options.GrainStorageSerializer);
    }

    [Fact]
    public void Serializer_RegisteredUnderTheName_IsUsed()
    {
        using var host = GrainStorageHarness.BuildHost(
            silo => silo.AddBlobGrainStorage("blobs", options => options.ConnectionString = s_connection),
            services => services.AddKeyedSingleton<IGrainStorageSerializer, OrleansGrainStorageSerializer>("blobs"));

        var options = host.Services.GetRequiredService<IOptionsMonitor<BlobGrainStorageOptions>>().Get("blobs");

        Assert.IsType<OrleansGrainStorageSerializer>(options.GrainStorageSerializer);
    }

    [Fact]
    public void AddAsDefault_Registered_IsTheStorageWithoutAName()
    {
        using var host = GrainStorageHarness.BuildHost(silo => silo.AddBlobGrainStorageAsDefault(options => options.BlobServiceClient = BlobClients.Create(s_connection)));

        Assert.IsType<BlobGrainStorage>(host.Services.GetRequiredService<IGrainStorage>());
        Assert.Same(host.Services.GetRequiredService<IGrainStorage>(), host.Services.GetRequiredKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME));
    }

    [Theory]
    [InlineData(null, "grainstate", "neither ConnectionString nor BlobServiceClient")]
    [InlineData(" ", "grainstate", "neither ConnectionString nor BlobServiceClient")]
    [InlineData("AccountName=x;AccountKey=secret", "grainstate", "cannot be read")]
    [InlineData("UseDevelopmentStorage=true", "Grains", "ContainerName is 'Grains'")]
    public void Validate_WrongOptions_SaysWhichWithoutTheKey(string? connectionString, string container, string expected)
    {
        using var host = Host(options => (options.ConnectionString, options.ContainerName) = (connectionString, container));

        var thrown = Assert.Throws<OrleansConfigurationException>(() =>
        {
            foreach (var validator in host.Services.GetServices<IConfigurationValidator>().Where(v => v.GetType().Namespace == typeof(BlobGrainStorage).Namespace))
            {
                validator.ValidateConfiguration();
            }
        });

        Assert.Contains("'blobs'", thrown.Message, StringComparison.Ordinal);
        Assert.Contains(expected, thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", thrown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Client_FromAConnectionString_TriesThreeTimesWithinAGrainCall()
    {
        BlobClientOptions? seen = null;

        BlobClients.Create(s_connection, new BlobGrainStorageOptions().AttemptTimeout, options => seen = options);

        Assert.Equal(2, seen!.Retry.MaxRetries);
        Assert.True((3 * seen.Retry.NetworkTimeout) + (2 * seen.Retry.MaxDelay) < TimeSpan.FromSeconds(30));
    }

    private static Microsoft.Extensions.Hosting.IHost Host(Action<BlobGrainStorageOptions> configure) =>
        GrainStorageHarness.BuildHost(silo => silo.AddBlobGrainStorage("blobs", configure));
}
