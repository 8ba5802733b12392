using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace FedRec.Storage.GrainStates;

/// <summary>Registers <see cref="BlobGrainStorage"/>; shaped like <c>AddAzureBlobGrainStorage</c>, so that a switch is one line.</summary>
public static class BlobGrainStorageExtensions
{
    public static ISiloBuilder AddBlobGrainStorage(this ISiloBuilder builder, string name, Action<BlobGrainStorageOptions> configure) =>
        builder.ConfigureServices(services => services.AddBlobGrainStorage(name, configure));

    public static ISiloBuilder AddBlobGrainStorage(this ISiloBuilder builder, string name, Action<OptionsBuilder<BlobGrainStorageOptions>> configure) =>
        builder.ConfigureServices(services => services.AddBlobGrainStorage(name, configure));

    public static ISiloBuilder AddBlobGrainStorageAsDefault(this ISiloBuilder builder, Action<BlobGrainStorageOptions> configure) =>
        builder.AddBlobGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configure);

    public static ISiloBuilder AddBlobGrainStorageAsDefault(this ISiloBuilder builder, Action<OptionsBuilder<BlobGrainStorageOptions>> configure) =>
        builder.AddBlobGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configure);

    public static IServiceCollection AddBlobGrainStorageAsDefault(this IServiceCollection services, Action<BlobGrainStorageOptions> configure) =>
        services.AddBlobGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configure);

    public static IServiceCollection AddBlobGrainStorage(this IServiceCollection services, string name, Action<BlobGrainStorageOptions> configure) =>
        services.AddBlobGrainStorage(name, (OptionsBuilder<BlobGrainStorageOptions> options) => options.Configure(configure));

    public static IServiceCollection AddBlobGrainStorage(this IServiceCollection services, string name, Action<OptionsBuilder<BlobGrainStorageOptions>> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(services.AddOptions<BlobGrainStorageOptions>(name));
        services.AddTransient<IConfigurationValidator>(provider => new BlobGrainStorageOptionsValidator(Options(provider, name), name));
        services.AddTransient<IPostConfigureOptions<BlobGrainStorageOptions>, DefaultStorageProviderSerializerOptionsConfigurator<BlobGrainStorageOptions>>();
        services.ConfigureNamedOptionForLogging<BlobGrainStorageOptions>(name);
        return services.AddGrainStorage(name, (provider, key) => ActivatorUtilities.CreateInstance<BlobGrainStorage>(provider, key, Options(provider, key)));
    }

    private static BlobGrainStorageOptions Options(IServiceProvider provider, string name) =>
        provider.GetRequiredService<IOptionsMonitor<BlobGrainStorageOptions>>().Get(name);
}
