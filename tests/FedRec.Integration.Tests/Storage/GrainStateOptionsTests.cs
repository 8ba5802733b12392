using FedRec.Storage;
using FedRec.Storage.GrainStates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Storage;

namespace FedRec.Integration.Tests.Storage;

public sealed class GrainStateOptionsTests
{
    [Fact]
    public void AddGrainStates_IsTheOfficialProviderWithItsDefaults()
    {
        using var host = GrainStorageHarness.BuildHost(silo => silo.AddGrainStates("blobs", () => BlobClients.Create(Unreachable.ConnectionString), "states"));

        var options = host.Services.GetRequiredService<IOptionsMonitor<AzureBlobStorageOptions>>().Get("blobs");

        Assert.IsType<AzureBlobGrainStorage>(host.Services.GetRequiredKeyedService<IGrainStorage>("blobs"));
        Assert.Equal(("states", true, ServiceLifecycleStage.ApplicationServices), (options.ContainerName, options.DeleteStateOnClear, options.InitStage));
        Assert.IsType<JsonGrainStorageSerializer>(options.GrainStorageSerializer);
    }

    [Fact]
    public void Serializer_RegisteredUnderTheName_IsUsed()
    {
        using var host = GrainStorageHarness.BuildHost(
            silo => silo.AddGrainStates("blobs", () => BlobClients.Create(Unreachable.ConnectionString), "states"),
            services => services.AddKeyedSingleton<IGrainStorageSerializer, OrleansGrainStorageSerializer>("blobs"));

        var options = host.Services.GetRequiredService<IOptionsMonitor<AzureBlobStorageOptions>>().Get("blobs");

        Assert.IsType<OrleansGrainStorageSerializer>(options.GrainStorageSerializer);
    }

    [Fact]
    public void Clients_FromAConnectionString_TryThreeTimesWithinAGrainCall()
    {
        var seen = new List<Azure.Core.RetryOptions>();

        BlobClients.Create(Unreachable.ConnectionString, GrainStateStorage.AttemptTimeout, options => seen.Add(options.Retry));
        TableClients.Create(Unreachable.ConnectionString, options => seen.Add(options.Retry));

        Assert.Equal(2, seen.Count);
        Assert.All(seen, retry => Assert.Equal(2, retry.MaxRetries));
        Assert.All(seen, retry => Assert.True((3 * retry.NetworkTimeout) + (2 * retry.MaxDelay) < TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [InlineData("AccountName=x;AccountKey=secret")]
    [InlineData("BlobEndpoint=https://x.blob.core.windows.net;SharedAccessSignature=sv=secret")]
    public void TableClients_ConnectionStringWithoutATableService_IsRefusedWithoutRepeatingTheKey(string connectionString)
    {
        var thrown = Assert.Throws<ArgumentException>(() => TableClients.Create(connectionString));

        Assert.Contains("TableEndpoint", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", thrown.ToString(), StringComparison.Ordinal);
    }
}
