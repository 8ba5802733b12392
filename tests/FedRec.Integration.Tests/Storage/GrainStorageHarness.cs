using System.Diagnostics.CodeAnalysis;
using Azure.Storage.Blobs;
using FedRec.Storage.Encryption;
using FedRec.Storage.GrainStates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Serialization.Configuration;
using Orleans.Storage;

namespace FedRec.Integration.Tests.Storage;

/// <summary>What a silo would give its grains as storage, without starting the silo.</summary>
internal sealed class GrainStorageHarness : IDisposable
{
    private const string Name = "blobs";
    private readonly IHost _host;

    public GrainStorageHarness(BlobServiceClient client, string container = "grainstate", Action<AzureBlobStorageOptions>? configure = null, Func<string, DamagedState>? damaged = null,
        BlobCipher? cipher = null)
    {
        _host = BuildHost(silo => silo.AddGrainStates(Name, () => client, container, damaged, configure, cipher));
        Storage = _host.Services.GetRequiredKeyedService<IGrainStorage>(Name);
    }

    public IGrainStorage Storage { get; }

    public static IHost BuildHost(Action<ISiloBuilder> silo, Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        services?.Invoke(builder.Services);
        builder.UseOrleans(s =>
        {
            silo(s.UseLocalhostClustering(siloPort: Unreachable.FindFreePort(), gatewayPort: Unreachable.FindFreePort()));
            s.Configure<TypeManifestOptions>(options => options.AddAllowedType(typeof(Note)));
        });
        return builder.Build();
    }

    public void Dispose() => _host.Dispose();
}

/// <summary>A state of the tests.</summary>
internal sealed class Note
{
    public string Text { get; set; } = "new";

    public int Number { get; set; }
}

/// <summary>A state and what its storage says about it.</summary>
internal sealed class NoteRecord(Note state, string? etag = null) : IGrainState<Note>
{
    [AllowNull]
    public Note State { get; set; } = state;

    public string? ETag { get; set; } = etag;

    public bool RecordExists { get; set; }
}
