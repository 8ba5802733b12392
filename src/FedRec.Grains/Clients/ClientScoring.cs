using FedRec.Contracts.Clients;
using FedRec.Contracts.Recommendations;
using FedRec.Core.Models;
using FedRec.Grains.Training;

namespace FedRec.Grains.Clients;

internal static class ClientScoring
{
    public static ReadOnlyMemory<byte> Evaluate(RunContext run, PreparedModel model, int client, EvaluateOrder order) => default;

    public static RecommendationAnswer Recommend(RunContext run, PreparedModel model, int client, RecommendOrder order) => new(RecommendationOutcome.NoModel, 0, []);
}
