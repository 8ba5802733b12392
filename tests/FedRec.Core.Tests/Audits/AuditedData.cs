using FedRec.Core.Audits;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Tests.Privacy.SecureAggregation;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Audits;

/// <summary>A small federation to audit.</summary>
internal static class AuditedData
{
    public static readonly SecureMean Masks = new(QuickSuite.Instance);
    public static readonly Dataset Data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 60, SyntheticItems = 150 });
    public static readonly int[] Users = AuditedRun.Draw(Data, 60, MembershipProbe.LeastItems, seed: 1);

    public static AuditedRun Run(string learner, int rounds, params (string Name, string Value)[] options) => Run(Data, learner, rounds, options);

    /// <summary>By local steps, as private runs train.</summary>
    public static AuditedRun Logistic(int rounds, Dataset? data = null) =>
        Run(data ?? Data, "mf", rounds, ("objective", "logistic"), ("dims", "4")) with { OptimizerOf = _ => new SgdOptimizer() };

    private static AuditedRun Run(Dataset data, string learner, int rounds, params (string Name, string Value)[] options)
    {
        var given = options.ToDictionary(option => option.Name, option => option.Value);
        var recommended = LearnerRegistry.Find(learner).Recommended(given);
        var optimizer = recommended.ServerOptimizer.Create();
        return new AuditedRun(LearnerRegistry.Create(learner, given, FederationShape.Of(data, data.Users.Count)), _ => optimizer, ClientWeighting.Parse(recommended.Weighting, 0), rounds);
    }
}
