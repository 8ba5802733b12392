using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Personalization;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Data;
using FedRec.Core.Tests.Native;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Personalization;

/// <summary>What holds for a personalisation whatever the learner.</summary>
[Collection(nameof(TorchCollection))]
public sealed class PersonalizationLawTests
{
    private static readonly Dataset s_data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 30, SyntheticItems = 40 });
    private static readonly Dictionary<string, string> s_plain = [];
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

    public static TheoryData<string, PersonalizationMethod> Combinations()
    {
        var combinations = new TheoryData<string, PersonalizationMethod>();
        foreach (var learner in LearnerRegistry.All)
        {
            foreach (var method in Enum.GetValues<PersonalizationMethod>().Skip(1))
            {
                combinations.Add(learner.Name, method);
            }
        }

        return combinations;
    }

    // Every learner with every personalisation: either it is refused by name, or some client's own model is another one than the shared.
    [Theory]
    [MemberData(nameof(Combinations))]
    public void Personalize_EveryLearnerByEveryMethod_IsRefusedByNameOrChangesTheModel(string name, PersonalizationMethod method)
    {
        var learner = LearnerRegistry.Find(name);
        var options = new PersonalizationOptions { Method = method, LearningRate = 0.5, Steps = 3, L1 = 1e-4, ClusterWarmUp = 1 };
        if (Refusal(options, learner, s_plain) is { } refused)
        {
            Assert.Contains($"The learner {name}", refused, StringComparison.Ordinal);
            return;
        }

        var data = learner.TakesLabels ? Labelled() : s_data;
        var partition = ClientPartition.Dealt(data, 5, 1);
        var made = Personalizations.Around(learner.Create(s_plain, FederationShape.Of(data, data.Users.Count)), options, 8);
        var shared = made.Prepare(Evaluation.LocalFederation.Train(made, learner.Recommended(s_plain), data, rounds: 8, seed: 1));

        var scores = partition.Clients.Select(own => Scores(made, Personalize(made, shared, options, own), own)).ToList();

        Assert.Contains(partition.Clients.Zip(scores), pair => !Scores(made, shared, pair.First).SequenceEqual(pair.Second));
    }

    [Theory]
    [InlineData("ease", "", "adds up exact statistics")]
    [InlineData("mf", "on", "scaffold")]
    public void ThrowUnlessPossible_WithALearnerThatCannot_SaysWhy(string name, string scaffold, string reason)
    {
        var values = scaffold.Length == 0 ? [] : new Dictionary<string, string> { ["objective"] = "logistic", ["scaffold"] = scaffold };

        Assert.Contains(reason, Refusal(new() { Method = PersonalizationMethod.FineTune }, LearnerRegistry.Find(name), values), StringComparison.Ordinal);
    }

    [Fact]
    public void ThrowUnlessPossible_AdditiveWithoutAnItemTable_SaysWhatThereIs() => Assert.Equal(
        "The learner mlp has no personalisation additive; it has fine-tune. mf and ncf have all.",
        Refusal(new() { Method = PersonalizationMethod.Additive }, LearnerRegistry.Find("mlp"), s_plain));

    [Fact]
    public void Validate_OutOfRange_NamesTheSettingAndItsRange()
    {
        Assert.Contains("personal-steps is -1", Refused(new() { Steps = -1 }), StringComparison.Ordinal);
        Assert.Contains("personal-rate", Refused(new() { LearningRate = double.NaN }), StringComparison.Ordinal);
        Assert.Contains("personal-l1", Refused(new() { L1 = -0.1 }), StringComparison.Ordinal);
        Assert.Contains("personal-l2", Refused(new() { L2 = double.NaN }), StringComparison.Ordinal);
    }

    private static string? Refusal(PersonalizationOptions options, LearnerDescriptor learner, Dictionary<string, string> values)
    {
        try
        {
            Personalizations.ThrowUnlessPossible(options, learner, values);
            return null;
        }
        catch (ArgumentException refused)
        {
            return refused.Message;
        }
    }

    private static float[] Scores(ILearner learner, PreparedModel model, ClientData own)
    {
        using var worker = learner.CreateWorker();
        var scores = new float[own.ItemCount * own.UserCount];
        for (var user = 0; user < own.UserCount; user++)
        {
            worker.Score(model, own.History(user), scores.AsSpan(user * own.ItemCount, own.ItemCount));
        }

        return scores;
    }

    private static Dataset Labelled()
    {
        using var folder = new TempFolder();
        var rows = folder.Write("rows.csv", "x,y,buys\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i % 7},{i % 5},{(i % 7 > 3 ? "yes" : "no")}\n")));
        var schema = folder.Write("schema.json", """{"columns": [{"name": "x", "kind": "numeric"}, {"name": "y", "kind": "numeric"}, {"name": "buys", "kind": "label", "task": "binary", "values": ["no", "yes"]}], "test": {"share": 0.2}}""");
        return DatasetSource.Open(new DatasetOptions { Path = rows, Schema = schema });
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
