using FedRec.Contracts.Models;
using FedRec.Contracts.RemoteParties;
using FedRec.Grains.Recommendations;
using FedRec.Grains.RemoteParties;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>A party is told which version is in use, with all that it needs to serve its users from it.</summary>
public sealed class PartyVersionTests
{
    [Theory]
    [InlineData("ease")]
    [InlineData("mf")]
    public async Task VersionInUse_AfterARun_APromotionAndARollback_IsNamedAsWhatWasEvaluated(string learner)
    {
        await using var remote = await RemoteFederation.StartAsync(2);
        var (party, model) = (remote.Parties[0], remote.Cluster.Grains.GetGrain<IModelGrain>(RemoteFederation.Name));
        Assert.Null(await party.Twin.GetVersionInUseAsync());
        remote.Work();

        await remote.Cluster.RunAsync(RemoteFederation.Request(learner));
        var (first, evaluated) = (await InUseAsync(party, model), party.Evaluated!.Value.Order);
        await remote.Cluster.RunAsync(RemoteFederation.Request(learner) with { Seed = 2, Promote = PromotionPolicy.Always });
        var second = await InUseAsync(party, model);
        await model.RollbackAsync();
        var back = await InUseAsync(party, model);

        Assert.Equal((evaluated.ModelSha256, evaluated.CatalogueSha256, evaluated.ConfigSha256, evaluated.Phase, "run-1"), (first.ModelSha256, first.CatalogueSha256, first.ConfigSha256, first.Phase, first.Update.Run));
        Assert.Equal((party.Evaluated!.Value.Order.ModelSha256, "run-2"), (second.ModelSha256, second.Update.Run));
        Assert.NotEqual(first.BaseVersion, second.BaseVersion);
        var everywhere = await Task.WhenAll(remote.Parties.Select(one => one.Twin.GetVersionInUseAsync())); // on both silos, mostly
        Assert.All(everywhere, named => Assert.Equal(first.ModelSha256, named!.ModelSha256));
        Assert.Equal((first.BaseVersion, first.ModelSha256, first.Update), (back.BaseVersion, back.ModelSha256, back.Update));
    }

    // Read once, served from, and let go of: a thousand parties keep no thousand models alive.
    private static async Task<PartyOrder> InUseAsync(LocalParty party, IModelGrain model)
    {
        var named = await party.Twin.GetVersionInUseAsync();
        Assert.Equal(((await model.GetSummaryAsync()).Serving, null), (named!.BaseVersion, named.Evaluation));
        using var recommender = await PartyRecommender.OpenAsync(TestFederation.Parts, party.Trainer, RemoteTrainer.Checked(named), await party.FetchAsync(named.CatalogueSha256), await party.FetchAsync(named.ModelSha256));
        Assert.Equal(5, recommender.Recommend(party.Trainer, new(party.Trainer.Users.First(), 5, Explain: false, Version: 0)).Items.Length);
        Assert.Equal(named.ModelSha256, (await party.Twin.GetAsync())!.HeldModel);
        Assert.Null(await party.Twin.ReadAsync(named.ModelSha256, 0, 10));
        return named;
    }
}
