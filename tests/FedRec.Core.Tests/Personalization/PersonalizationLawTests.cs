using FedRec.Core.Data;
using FedRec.Core.Models;
using FedRec.Core.Personalization;
using FedRec.Core.Tests.Native;
using FedRec.Core.Training;

namespace FedRec.Core.Tests.Personalization;

/// <summary>What holds for a personalisation whatever the learner.</summary>
[Collection(nameof(TorchCollection))]
public sealed class PersonalizationLawTests
{
    private static readonly Dataset s_data = DatasetSource.Open(new DatasetOptions { SyntheticUsers = 30, SyntheticItems = 40 });
    private static readonly ClientData s_own = ClientPartition.Dealt(s_data, 5, 1).Client(2);

    public static TheoryData<string, string, string> Learners { get; } = new()
    {
        { "mf", "objective", "least-squares" },
        { "mf", "objective", "logistic" },
        { "mf", "objective", "bpr" },
        { "ncf", "model", "neumf" },
    };

    [Theory]
    [MemberData(nameof(Learners))]
    public void Personalize_WithoutAStepOrWithoutALearningRate_IsTheSharedModel(string name, string option, string value)
    {
        var (learner, shared) = Trained(name, option, value);
        foreach (var method in new[] { PersonalizationMethod.FineTune, PersonalizationMethod.Additive, PersonalizationMethod.Interpolate })
        {
            Assert.Same(shared, Personalize(learner, shared, new() { Method = method, Steps = 0, LearningRate = 1 }, s_own));
            Assert.Same(shared, Personalize(learner, shared, new() { Method = method, Steps = 3, LearningRate = 0 }, s_own));
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Personalize_Twice_IsTheSameAndNotTheSharedModel(string name, string option, string value)
    {
        var (learner, shared) = Trained(name, option, value);
        foreach (var method in new[] { PersonalizationMethod.FineTune, PersonalizationMethod.Additive })
        {
            var options = new PersonalizationOptions { Method = method, Steps = 3, LearningRate = 0.5, L1 = 1e-4 };

            var (first, second) = (Personalize(learner, shared, options, s_own), Personalize(learner, shared, options, s_own));

            Assert.Equal(first.Parameters.ToArray(), second.Parameters.ToArray());
            Assert.NotEqual(shared.Parameters.ToArray(), first.Parameters.ToArray());
            Assert.DoesNotContain(first.Parameters.ToArray(), float.IsNaN);
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Personalize_ForAClientWithoutItems_IsTheSharedModel(string name, string option, string value)
    {
        var (learner, shared) = Trained(name, option, value);
        var nobody = s_own.After(Enumerable.Range(0, s_own.UserCount).Select(user => new ItemChange(user, 0, 0, ItemChangeKind.Forgotten)));
        foreach (var method in new[] { PersonalizationMethod.FineTune, PersonalizationMethod.Additive, PersonalizationMethod.Interpolate })
        {
            Assert.Same(shared, Personalize(learner, shared, new() { Method = method, LearningRate = 1 }, nobody));
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Additive_WithALargeL1_IsTheSharedModel(string name, string option, string value)
    {
        var (learner, shared) = Trained(name, option, value);

        Assert.Same(shared, Personalize(learner, shared, new() { Method = PersonalizationMethod.Additive, LearningRate = 0.5, L1 = 1e6 }, s_own));
    }

    [Fact]
    public void Additive_OfTheNetwork_LeavesItsLayersShared()
    {
        var (learner, shared) = Trained("ncf", "model", "neumf");

        var own = Personalize(learner, shared, new() { Method = PersonalizationMethod.Additive, LearningRate = 1, L1 = 0 }, s_own);

        var layers = learner.Parameters.Offset(2);
        Assert.Equal(shared.Parameters[layers..].ToArray(), own.Parameters[layers..].ToArray());
        Assert.NotEqual(shared.Parameters[..layers].ToArray(), own.Parameters[..layers].ToArray());
    }

    [Fact]
    public void Additive_OneStep_IsTheProximalMapOfTheDirection()
    {
        var (learner, shared) = Trained("mf", "objective", "least-squares");
        var moved = Personalize(learner, shared, new() { Method = PersonalizationMethod.FineTune, Steps = 1, LearningRate = 0.5 }, s_own);

        var own = Personalize(learner, shared, new() { Method = PersonalizationMethod.Additive, Steps = 1, LearningRate = 0.5, L1 = 0.01, L2 = 2 }, s_own);

        for (var i = 0; i < shared.Parameters.Length; i++)
        {
            var before = shared.Parameters.Span[i];
            var shrunk = (moved.Parameters.Span[i] - before) / (1 + (0.5 * 2)); // (0 + rate·d) / (1 + rate·λ₂)
            var expected = Math.Sign(shrunk) * Math.Max(Math.Abs(shrunk) - (0.5 * 0.01), 0);
            Assert.Equal(expected, own.Parameters.Span[i] - before, 1e-6);
        }
    }

    [Fact]
    public void FineTune_BySmallSteps_LowersTheClientsOwnLoss()
    {
        var (learner, shared) = Trained("mf", "objective", "least-squares");
        using var direction = new OwnDirection(learner);
        using var worker = learner.CreateWorker();
        double Loss(PreparedModel model) => worker.Train(model, new LocalTask(s_own, default), new()).Loss;

        var own = Personalize(learner, shared, new() { Method = PersonalizationMethod.FineTune, Steps = 10, LearningRate = 0.05 }, s_own);

        Assert.True(Loss(own) < Loss(shared), $"{Loss(own)} is not below {Loss(shared)}");
    }

    [Theory]
    [InlineData("ease", "", "adds up exact statistics")]
    [InlineData("mf", "on", "scaffold")]
    public void ThrowUnlessPossible_WithALearnerThatCannot_SaysWhy(string name, string scaffold, string reason)
    {
        var defaults = LearnerRegistry.Find(name).Recommended(scaffold.Length == 0 ? [] : new Dictionary<string, string> { ["objective"] = "logistic", ["scaffold"] = scaffold });

        var refused = Assert.Throws<ArgumentException>(() => Personalizations.ThrowUnlessPossible(new() { Method = PersonalizationMethod.FineTune }, name, defaults));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_OutOfRange_NamesTheSettingAndItsRange()
    {
        Assert.Contains("personal-steps is -1", Refused(new() { Steps = -1 }), StringComparison.Ordinal);
        Assert.Contains("personal-rate", Refused(new() { LearningRate = double.NaN }), StringComparison.Ordinal);
        Assert.Contains("personal-l1", Refused(new() { L1 = -0.1 }), StringComparison.Ordinal);
        Assert.Contains("personal-l2", Refused(new() { L2 = double.NaN }), StringComparison.Ordinal);
    }

    private static string Refused(PersonalizationOptions options) => Assert.Throws<ArgumentException>(options.Validate).Message;

    private static PreparedModel Personalize(ILearner learner, PreparedModel shared, PersonalizationOptions options, ClientData own)
    {
        using var personalization = Personalizations.Create(options, learner)!;
        return personalization.Personalize(shared, own, SeedSequence.For(1, "personal"));
    }

    private static (ILearner Learner, PreparedModel Shared) Trained(string name, string option, string value)
    {
        var options = new Dictionary<string, string> { [option] = value, ["dims"] = "8" };
        var learner = LearnerRegistry.Create(name, options, FederationShape.Of(s_data, 30));
        return (learner, learner.Prepare(Evaluation.LocalFederation.Train(learner, LearnerRegistry.Find(name).Recommended(options), s_data, rounds: 3, seed: 1)));
    }
}
