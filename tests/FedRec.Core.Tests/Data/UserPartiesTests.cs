using FedRec.Core.Data;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Data;

public sealed class UserPartiesTests
{
    [Theory]
    [InlineData(new[] { "a", "a" }, new[] { 0, 1 }, "named twice")]
    [InlineData(new[] { "a", "b" }, new[] { 0, 0 }, "must hold at least one user")]
    [InlineData(new[] { "a" }, new[] { 0, 1 }, "must hold at least one user")]
    public void Constructor_ImpossibleParties_SaysWhy(string[] names, int[] partyOf, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => new UserParties(names, partyOf)).Message, StringComparison.Ordinal);

    [Fact]
    public void ByParty_AnyData_GivesEveryUserToItsPartyOnce()
    {
        var data = MadeUpData.Open(new DatasetOptions { Scenario = "clinic" });

        var partition = ClientPartition.ByParty(data);

        Assert.Equal(data.Parties!.Names.Count, partition.Count);
        Assert.Equal(Enumerable.Range(0, data.Users.Count), Enumerable.Range(0, partition.Count).SelectMany(client => partition.UsersOf(client).ToArray()).Order());
        Assert.All(Enumerable.Range(0, data.Users.Count), user => Assert.Equal(data.Parties.Of(user), partition.Find(user).Client));
    }

    [Fact]
    public void ByParty_DataWithoutParties_SaysSo()
    {
        var data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 20, SyntheticItems = 20 });

        Assert.Contains("names no parties", Assert.Throws<ArgumentException>(() => ClientPartition.ByParty(data)).Message, StringComparison.Ordinal);
    }
}
