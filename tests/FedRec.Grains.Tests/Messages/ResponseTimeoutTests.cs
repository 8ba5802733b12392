using System.Reflection;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Recommendations;

namespace FedRec.Grains.Tests.Messages;

/// <summary>The first call that scores under a version of <c>ease</c> waits while its silo solves for the weights: half a minute with 10,000 items, minutes with 20,000.</summary>
public sealed class ResponseTimeoutTests
{
    [Fact]
    public void Clients_MayTakeAsLongToScoreAsSolvingDoes()
    {
        Assert.True(Timeout<IClientGrain>(nameof(IClientGrain.EvaluateAsync)) >= TimeSpan.FromMinutes(10));
        Assert.True(Timeout<IUserGrain>(nameof(IUserGrain.RecommendAsync)) >= TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Recommender_WaitsLongerThanItsClients() =>
        Assert.True(Timeout<IRecommenderGrain>(nameof(IRecommenderGrain.RecommendAsync)) > Timeout<IUserGrain>(nameof(IUserGrain.RecommendAsync)));

    private static TimeSpan? Timeout<TGrain>(string method) => typeof(TGrain).GetMethod(method)!.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
}
