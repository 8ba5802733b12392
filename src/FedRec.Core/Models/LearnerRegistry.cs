#pragma warning disable CS1591, CA1822
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Models.MatrixFactorizations;
namespace FedRec.Core.Models;
public sealed record RecStub(ServerOptimizerOptions ServerOptimizer, string Weighting, int Rounds);
public sealed class EntryStub { public RecStub Recommended(IReadOnlyDictionary<string, string> o) => new(new ServerOptimizerOptions { Name = "adam", LearningRate = 0.03 }, "uniform", 20); }
public static class LearnerRegistry
{
    public static EntryStub Find(string name) => name == "mf" ? new() : throw new ArgumentException("no learner " + name);
    public static ILearner Create(string name, IReadOnlyDictionary<string, string> o, int items)
    {
        var opt = new MatrixFactorizationOptions();
        if (o.TryGetValue("dims", out var d)) { opt = opt with { Dims = int.Parse(d, System.Globalization.CultureInfo.InvariantCulture) }; }
        if (o.TryGetValue("objective", out var ob) && ob == "logistic") { opt = opt with { Objective = MatrixFactorizationObjective.Logistic }; }
        return new MatrixFactorization(opt, items);
    }
}
