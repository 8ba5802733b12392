using FedRec.Core.Audits;

namespace FedRec.Core.Tests.Audits;

/// <summary>A model that holds much of each user tells who and what it was trained on, and one that was trained on nothing does not.</summary>
public sealed class MembershipProbeTests
{
    [Fact]
    public void Attacks_OnAModelThatHoldsItsCountsAsTheyAre_FindUsersAndInteractions()
    {
        var run = AuditedData.Run("ease", 1, ("lambda", "1"));

        var users = MembershipProbe.OfUsers(run, AuditedData.Data, AuditedData.Users, seed: 1);
        var interactions = MembershipProbe.OfInteractions(run, AuditedData.Data, AuditedData.Users, seed: 1);

        Assert.True(users[1].Area.Low > 0.7, $"{users[1]}");
        Assert.True(interactions[1].Area.Low > 0.7, $"{interactions[1]}");
        Assert.True(interactions[2].Area.Low > 0.55, $"{interactions[2]}"); // lists alone
        Assert.All(users.Concat(interactions), leak => Assert.InRange(leak.TrueRateAtOnePercent.Value, leak.TrueRateAtOnePercent.Low, leak.TrueRateAtOnePercent.High));
    }

    // The same attacks, on steps of no length: nothing but membership tells the groups apart, so that there is nothing to find.
    [Fact]
    public void Attacks_OnAModelThatHasLearnedNothing_FindNothing()
    {
        var run = AuditedData.Logistic(1) with { OptimizerOf = _ => new Core.Federation.ServerOptimizers.SgdOptimizer(1e-30) };

        var leaks = MembershipProbe.OfUsers(run, AuditedData.Data, AuditedData.Users, seed: 1).Concat(MembershipProbe.OfInteractions(run, AuditedData.Data, AuditedData.Users, seed: 1));

        Assert.All(leaks, leak => Assert.True(leak.Area is { Low: <= 0.5, High: >= 0.5 }, $"{leak}"));
    }

    [Fact]
    public void User_WithTooFewItems_IsRefused() => Assert.Contains(
        "it takes 6",
        Assert.Throws<ArgumentException>(() => MembershipProbe.OfUsers(AuditedData.Logistic(1), Small(), [0, 1, 2, 3], seed: 1)).Message,
        StringComparison.Ordinal);

    private static Core.Data.Dataset Small() => AuditedData.Data with { Train = new Core.Data.UserItems([0, 1, 2, 3, 4], [0, 1, 2, 3]) };
}
