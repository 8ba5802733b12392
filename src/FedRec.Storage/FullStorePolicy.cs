using Azure.Core;
using Azure.Core.Pipeline;
using FedRec.Core.Snapshots;

namespace FedRec.Storage;

/// <summary>Tells of a store without room (status 507) as of a full disk, which no caller tries again.</summary>
internal sealed class FullStorePolicy : HttpPipelineSynchronousPolicy
{
    private const int InsufficientStorage = 507;

    /// <inheritdoc/>
    public override void OnReceivedResponse(HttpMessage message)
    {
        if (message.Response.Status == InsufficientStorage)
        {
            throw FullStore.Exception("The disk of the storage emulator is full, or its folder cannot be written.");
        }
    }
}
