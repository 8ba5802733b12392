namespace FedRec.Storage.GrainStates;

/// <summary>Refuses to start a silo whose grain storage cannot work.</summary>
internal sealed class BlobGrainStorageOptionsValidator(BlobGrainStorageOptions options, string name) : IConfigurationValidator
{
    public void ValidateConfiguration()
    {
        if (options.BlobServiceClient is null && string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            throw Invalid($"neither {nameof(options.ConnectionString)} nor {nameof(options.BlobServiceClient)} is set");
        }

        if (!ContainerNames.IsValid(options.ContainerName))
        {
            throw Invalid($"{nameof(options.ContainerName)} is '{options.ContainerName}'; it must be {ContainerNames.Rule}");
        }

        if (options.AttemptTimeout <= TimeSpan.Zero)
        {
            throw Invalid($"{nameof(options.AttemptTimeout)} is {options.AttemptTimeout}; it must be greater than zero");
        }

        try
        {
            options.CreateClient();
        }
        catch (ArgumentException e)
        {
            throw Invalid(e.Message, e);
        }
    }

    private OrleansConfigurationException Invalid(string why, Exception? inner = null) =>
        new($"{nameof(BlobGrainStorageOptions)} of the grain storage '{name}' cannot be used: {why}.", inner!);
}
