using FedRec.Contracts.Clients;
using FedRec.Grains.Training;

namespace FedRec.Grains.RemoteParties;

/// <summary>The side of a party's twin that the party's client grain speaks to; the same grain as <see cref="Contracts.RemoteParties.IPartyGrain"/>.</summary>
[Alias("fedrec.party-twin")]
internal interface IPartyTwin : IGrainWithStringKey
{
    /// <summary>As <see cref="IClientGrain.TrainAsync"/>, for a client that trains in a process of its own.</summary>
    /// <param name="order">The round.</param>
    /// <param name="client">Number of the client.</param>
    [Alias("train"), ResponseTimeout("00:15:00")]
    Task<TrainReceipt> TrainAsync(TrainOrder order, int client);

    /// <summary>Has the party take a step of secure aggregation; its answer goes to the round.</summary>
    /// <param name="call">With what the party is told, and nobody else.</param>
    [Alias("secure"), Orleans.Concurrency.AlwaysInterleave]
    Task SecureAsync(SecureCall call);

    /// <summary>As <see cref="IClientGrain.EvaluateAsync"/>. A party that is not there is left out.</summary>
    /// <param name="order">The evaluation.</param>
    /// <param name="client">Number of the client.</param>
    [Alias("evaluate"), Orleans.Concurrency.AlwaysInterleave, ResponseTimeout("00:15:00")]
    Task<SiloAddress> EvaluateAsync(EvaluateOrder order, int client);
}
