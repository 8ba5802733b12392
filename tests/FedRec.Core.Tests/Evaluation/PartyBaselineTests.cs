using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Evaluation;

public sealed class PartyBaselineTests
{
    [Fact]
    public void Alone_EachParty_TrainsOnItsOwnUsersAndScoresThemOnly()
    {
        var data = MadeUpData.Open(new DatasetOptions { Scenario = "clinic" });
        var partition = ClientPartition.ByParty(data);
        var trained = new List<ClientData>();

        var alone = PartyBaselines.Create("alone", partition, client =>
        {
            trained.Add(client);
            return new Constant(trained.Count);
        });

        Assert.Equal(partition.Clients.Select(client => client.UserCount), trained.Select(client => client.UserCount));
        Assert.All(Enumerable.Range(0, data.Users.Count), user => Assert.Equal(partition.Find(user).Client + 1, Score(alone, user)));
    }

    [Fact]
    public void Centralised_AnyPartition_TrainsOnceOnEverybody()
    {
        var data = MadeUpData.Open(new DatasetOptions { Scenario = "clinic" });
        var trained = new List<ClientData>();

        PartyBaselines.Create("centralised", ClientPartition.ByParty(data), client =>
        {
            trained.Add(client);
            return new Constant(0);
        });

        Assert.Equal(data.Users.Count, Assert.Single(trained).UserCount);
    }

    [Fact]
    public void Alone_SingleUsers_IsRefused()
    {
        var data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 20, SyntheticItems = 20 });

        var error = Assert.Throws<ArgumentException>(() => PartyBaselines.Create("alone", ClientPartition.PerUser(data), _ => new Constant(0)));

        Assert.Contains("20 clients with 20 users", error.Message, StringComparison.Ordinal);
    }

    private static float Score(IScorer scorer, int user)
    {
        var scores = new float[1];
        scorer.Score(user, new UserHistory([]), scores);
        return scores[0];
    }

    private sealed class Constant(float value) : IScorer
    {
        public void Score(int user, UserHistory history, Span<float> scores) => scores.Fill(value);
    }
}
