using FedRec.Contracts.Privacy;
using FedRec.Contracts.Runs;
using FedRec.Core.Privacy.SecureAggregation;

namespace FedRec.Grains.Tests.Privacy;

/// <summary>What is said of who can learn what follows from what the run was started with.</summary>
public sealed class TrustModelTests
{
    private static readonly RunRequest s_plain = new() { Federation = "shop", Learner = "mf" };
    private static readonly RunRequest s_private = s_plain with { Privacy = new() { Epsilon = 2.5, Delta = 1e-6 } };
    private static readonly RunSource s_simulated = new() { Simulated = DataSpec.BuiltIn };
    private static readonly RunSource s_hosted = new() { Hosted = new HostedData(30, 9, false) };

    [Fact]
    public void Readers_OfAPrivateRun_LearnWhatWasAskedFor_AndOfAnyOtherWhateverTheyCan()
    {
        Assert.Contains("a factor of e^2.5 at most, but for a chance of 1E-06", TrustModel.Of(s_private, s_hosted, 30, 0).Readers, StringComparison.Ordinal);
        Assert.StartsWith("There is no limit", TrustModel.Of(s_plain, s_hosted, 30, 0).Readers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30, 30, "which is one user")]
    [InlineData(30, 0, "which is one user")]
    [InlineData(30, 900, "all of its users together")]
    public void Unit_OfClientsWithManyUsers_IsTheClientAndNotTheUser(int clients, int users, string says)
    {
        Assert.Contains(says, TrustModel.Of(s_private, s_hosted, clients, users).Unit, StringComparison.Ordinal);
        Assert.StartsWith("Nobody", TrustModel.Of(s_plain, s_hosted, clients, users).Unit, StringComparison.Ordinal);
    }

    // Noise on the sum hides nothing from whoever adds it.
    [Fact]
    public void Operator_OfAnyRun_SeesUpdates_AndOfASimulationEverything()
    {
        Assert.All([s_plain, s_private], request => Assert.StartsWith("Each update as it was sent", TrustModel.Of(request, s_hosted, 30, 30).Operator, StringComparison.Ordinal));
        Assert.All([s_plain, s_private], request => Assert.StartsWith("Everything", TrustModel.Of(request, s_simulated, 30, 30).Operator, StringComparison.Ordinal));
        Assert.Contains("simulation", TrustModel.Of(s_private, s_simulated, 30, 30).Data, StringComparison.Ordinal);
    }

    // Of clients whose grains are in the operator's silos masks hide nothing from it.
    [Fact]
    public void Operator_OfMaskedUpdates_SeesTheirSum_AndOfASimulationEverything()
    {
        var masked = s_plain with { Rounds = new RoundSettings { Aggregator = RoundSettings.SecureMean } };

        Assert.Contains("not its update, which is masked", TrustModel.Of(masked, s_hosted, 30, 30).Operator, StringComparison.Ordinal);
        Assert.Contains("clients in the operator's silos", TrustModel.Of(masked, s_hosted, 30, 30).Operator, StringComparison.Ordinal);
        Assert.StartsWith("Everything", TrustModel.Of(masked, s_simulated, 30, 30).Operator, StringComparison.Ordinal);
        Assert.Equal(SecureMean.UsualName, RoundSettings.SecureMean);
    }

    // With noise of the clients the operator is promised as little as the readers; of a simulation it sees everything all the same.
    [Theory]
    [InlineData(PrivacySettings.Distributed, "the sum over the clients of a round with noise that they added themselves, each a share")]
    [InlineData(PrivacySettings.Local, "its update with all of the noise, which it added itself")]
    public void Operator_OfNoiseOfTheClients_SeesNothingWithoutIt(string noise, string says)
    {
        var own = s_private with { Privacy = s_private.Privacy! with { Noise = noise }, Rounds = new RoundSettings { Aggregator = RoundSettings.SecureMean } };
        var told = TrustModel.Of(own, s_hosted, 30, 30);

        Assert.Contains(says, told.Operator, StringComparison.Ordinal);
        Assert.Contains("clients in the operator's silos", told.Operator, StringComparison.Ordinal);
        Assert.StartsWith("What any one client has sent changes the chance", told.Readers, StringComparison.Ordinal);
        Assert.Contains("of all that whoever runs the silos sees of rounds of parties", told.Readers, StringComparison.Ordinal);
        Assert.StartsWith("Everything", TrustModel.Of(own, s_simulated, 30, 30).Operator, StringComparison.Ordinal);
        Assert.DoesNotContain("whoever runs the silos", TrustModel.Of(own, s_simulated, 30, 30).Readers, StringComparison.Ordinal);
    }
}
