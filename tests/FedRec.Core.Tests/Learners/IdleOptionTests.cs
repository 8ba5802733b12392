using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Tests.Data;
using FedRec.Core.Tests.Native;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Learners;

/// <summary>Every option of every learner either changes the model, or is refused by name: none does nothing in silence.</summary>
[Collection(nameof(TorchCollection))]
public sealed class IdleOptionTests
{
    private const int Rounds = 3;
    private static readonly Dataset s_data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 20, SyntheticItems = 160 });
    private static readonly Dataset s_labelled = Labelled();

    // Each learner with its defaults, with each word of each of its choices, and without hidden layers.
    public static TheoryData<string, string, string> Contexts()
    {
        var contexts = new TheoryData<string, string, string>();
        foreach (var learner in LearnerRegistry.All)
        {
            contexts.Add(learner.Name, "", "");
            foreach (var option in learner.Options.Where(option => option.Kind is LearnerOptionKind.Choice && option.Name != "scaffold"))
            {
                foreach (var word in option.Choices.Skip(1))
                {
                    contexts.Add(learner.Name, option.Name, word);
                }
            }
        }

        contexts.Add("mlp", "hidden-layers", "0");
        return contexts;
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Option_BesideAnyChoice_ChangesTheModelOrIsRefused(string name, string beside, string word)
    {
        var learner = LearnerRegistry.Find(name);
        Dictionary<string, string> context = beside.Length == 0 ? [] : new() { [beside] = word };
        foreach (var option in learner.Options.Where(option => option.Kind is not LearnerOptionKind.Choice && option.Name != beside))
        {
            var (low, high) = Values(option);
            var steps = option.Name == "proximal" && learner.Name != "mf"; // the first step is at the shared model, where nothing pulls
            Dictionary<string, string> One(string value) => steps ? new(context) { [option.Name] = value, ["batch"] = "2" } : new(context) { [option.Name] = value };
            if (IsRefused(learner, One(low)))
            {
                Assert.True(IsRefused(learner, One(high)));
                continue;
            }

            Assert.False(Train(learner, One(low)).SequenceEqual(Train(learner, One(high))), $"{name} {beside} {word}: {option.Name} does nothing, {low} or {high}");
        }
    }

    [Theory]
    [InlineData("mf", "negatives", "objective logistic or bpr")]
    [InlineData("ncf", "width", "model mlp or neumf")]
    public void ThrowIfIdle_OptionWithoutAnEffect_SaysWhereItHasOne(string name, string option, string where)
    {
        Dictionary<string, string> values = new() { [option] = "8", ["model"] = "gmf" };
        _ = name == "mf" && values.Remove("model");

        var refused = Assert.Throws<ArgumentException>(() => LearnerRegistry.Find(name).ThrowIfIdle(values));

        Assert.Contains($"The option {option} of {name} does nothing here: it is for {where}", refused.Message, StringComparison.Ordinal);
    }

    // Two values in the range at which a small federation trains.
    private static (string Low, string High) Values(LearnerOption option) => option.Name switch
    {
        "lambda" => ("20", "50"),
        "sketch" => ("5", "9"),
        "common-items" => ("10", "20"),
        "batch" => ("2", "5"),
        "learning-rate" => ("0.01", "0.02"),
        _ when option.Kind is LearnerOptionKind.WholeNumber => ("2", "3"),
        _ => ("0.3", "0.6"),
    };

    private static bool IsRefused(LearnerDescriptor learner, Dictionary<string, string> values)
    {
        try
        {
            learner.ThrowIfIdle(values);
            learner.Recommended(values);
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private static float[] Train(LearnerDescriptor learner, Dictionary<string, string> values)
    {
        var data = learner.TakesLabels ? s_labelled : s_data;
        var made = learner.Create(values, FederationShape.Of(data, data.Users.Count));
        var defaults = learner.Recommended(values);
        var version = made.Prepare(Evaluation.LocalFederation.Train(made, defaults, ClientPartition.Dealt(data, 6, 1), defaults.Step == StepRule.Sum ? defaults.Rounds : Rounds, 1));
        using var worker = made.CreateWorker();
        var scores = new float[data.Items.Count * data.Users.Count];
        for (var user = 0; user < data.Users.Count; user++)
        {
            worker.Score(version, data.Train.History(user), scores.AsSpan(user * data.Items.Count, data.Items.Count));
        }

        return scores;
    }

    private static Dataset Labelled()
    {
        using var folder = new TempFolder();
        var rows = folder.Write("rows.csv", "x,y,buys\n" + string.Concat(Enumerable.Range(0, 60).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i % 7},{i % 5},{(i % 7 > 3 ? "yes" : "no")}\n"))));
        var schema = folder.Write("schema.json", """{"columns": [{"name": "x", "kind": "numeric"}, {"name": "y", "kind": "numeric"}, {"name": "buys", "kind": "label", "task": "binary", "values": ["no", "yes"]}], "test": {"share": 0.2}}""");
        return DatasetSource.Open(new DatasetOptions { Path = rows, Schema = schema });
    }
}
