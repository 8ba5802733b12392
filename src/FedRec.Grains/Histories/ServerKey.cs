using FedRec.Contracts.Histories;

namespace FedRec.Grains.RemoteParties; // a part of the grain that has the key: it must leave it for nobody

internal sealed partial class PartiesGrain : IServerKeyGrain
{
    public async Task<ForgettingCertificate> SignAsync(ForgettingCertificate certificate, CancellationToken cancellationToken = default)
    {
        using var key = await OwnKeyAsync(name: null);
        return certificate.SignedBy(_saved.State.Server, key);
    }
}
