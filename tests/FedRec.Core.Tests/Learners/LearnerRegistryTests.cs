using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners;

public sealed class LearnerRegistryTests
{
    private static readonly Dictionary<string, string> s_none = [];

    [Fact]
    public void Create_NoOptions_TakesTheDefaults()
    {
        var learner = LearnerRegistry.Create("mf", s_none, new FederationShape(10));

        Assert.Equal("mf", learner.Name);
        Assert.Equal(new ParameterBlock("item_factors", 10, 64), Assert.Single(learner.Parameters.Blocks));
        Assert.Equal(["item_factors", "user_gram", "user_count"], learner.Recipe(LearningPhase.Training).Update.Blocks.Select(b => b.Name));
    }

    [Fact]
    public void Create_Options_AreRead()
    {
        var learner = LearnerRegistry.Create("mf", new Dictionary<string, string> { ["dims"] = "8", ["objective"] = "logistic" }, new FederationShape(10));

        Assert.Equal(new UpdateBlock("item_factors", 10, 8, BlockRole.Delta), Assert.Single(learner.Recipe(LearningPhase.Training).Update.Blocks));
    }

    [Fact]
    public void All_TextDefaults_AreThoseOfTheOptionsClass()
    {
        foreach (var objective in new[] { "least-squares", "logistic", "bpr", "mse" })
        {
            var implicitly = MatrixFactorizationDescriptor.Parse(new Dictionary<string, string> { ["objective"] = objective });
            var values = LearnerRegistry.Find("mf").Options.ToDictionary(o => o.Name, o => Default(o, objective));

            var explicitly = MatrixFactorizationDescriptor.Parse(values);

            Assert.Equal(implicitly with { L2User = implicitly.UserPenalty, L2Item = implicitly.ItemPenalty }, explicitly);
        }
    }

    [Theory]
    [InlineData("mff", "There is no learner 'mff'. Did you mean 'mf'?")]
    [InlineData("transformer", "There is no learner 'transformer'. Known are ")]
    public void Find_UnknownLearner_NamesTheNearest(string name, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => LearnerRegistry.Find(name));

        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dim", "8", "The learner mf has no option 'dim'. Did you mean 'dims'?")]
    [InlineData("l2-itme", "0", "The learner mf has no option 'l2-itme'. Did you mean 'l2-item'?")]
    [InlineData("colour", "red", "The learner mf has no option 'colour'. Known are alpha, batch,")]
    [InlineData("dims", "many", "The option dims is 'many'; it must be 1 to 256.")]
    [InlineData("dims", "0", "The option dims is '0'; it must be 1 to 256.")]
    [InlineData("dims", "257", "The option dims is '257'; it must be 1 to 256.")]
    [InlineData("alpha", "0", "The option alpha is '0'; it must be more than 0 to 10.")]
    [InlineData("alpha", "NaN", "The option alpha is 'NaN'; it must be more than 0 to 10.")]
    [InlineData("l2-item", "-1", "The option l2-item is '-1'; it must be 0 to 100.")]
    [InlineData("objective", "hinge", "The option objective is 'hinge'; it must be least-squares or logistic or bpr or mse.")]
    public void Create_ImpossibleOption_SaysWhatIsAllowed(string option, string value, string expected)
    {
        var options = new Dictionary<string, string> { [option] = value };

        var created = Assert.Throws<ArgumentException>(() => LearnerRegistry.Create("mf", options, new FederationShape(10)));
        var recommended = Assert.Throws<ArgumentException>(() => LearnerRegistry.Find("mf").Recommended(options));

        Assert.StartsWith(expected, created.Message, StringComparison.Ordinal);
        Assert.StartsWith(expected, recommended.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mse", false, true, "the data has no ratings; use least-squares, logistic or bpr.")]
    [InlineData("logistic", true, false, "needs items that a user has not met, but every user has met all 10; use the objective least-squares")]
    [InlineData("bpr", true, false, "needs items that a user has not met")]
    public void Create_DataTheObjectiveCannotUse_SaysSo(string objective, bool hasRatings, bool hasNegatives, string expected)
    {
        var shape = new FederationShape(10, 3, hasRatings, hasNegatives);

        var error = Assert.Throws<ArgumentException>(() => LearnerRegistry.Create("mf", new Dictionary<string, string> { ["objective"] = objective }, shape));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recommended_AnyObjective_CanBeRun()
    {
        foreach (var objective in new[] { "least-squares", "logistic", "bpr", "mse" })
        {
            var recommended = LearnerRegistry.Find("mf").Recommended(new Dictionary<string, string> { ["objective"] = objective });

            Assert.NotNull(recommended.ServerOptimizer.Create());
            Assert.Equal(objective is "logistic" or "bpr" ? "examples" : "uniform", recommended.Weighting);
            Assert.InRange(recommended.Rounds, 1, 200);
        }
    }

    [Fact]
    public void Constructor_OptionOutsideItsRange_NamesIt()
    {
        var error = Assert.Throws<ArgumentException>(() => new MatrixFactorization(new MatrixFactorizationOptions { Epochs = 0 }, 10));

        Assert.Equal("The option epochs is '0'; it must be 1 to 100.", error.Message);
    }

    private static string Default(LearnerOption option, string objective) => option.Name switch
    {
        "objective" => objective,
        _ when option.Default.Split(", or ") is [var first, .. { Length: > 0 } others] =>
            others.FirstOrDefault(other => other.Split(' ').Contains(objective))?.Split(' ')[0] ?? first,
        _ => option.Default,
    };
}
