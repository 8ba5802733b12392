using System.Collections.Immutable;
using FedRec.Cli.Sweeps;

namespace FedRec.Cli.Comparisons;

/// <summary>One row of the comparison: a name and the options that make it.</summary>
/// <param name="Name">As papers call it.</param>
/// <param name="Options">Options in place of those of the line.</param>
/// <param name="Personalization">How clients make the shared model their own, as <c>--personalize</c> names it; "none" where all score with the shared one.</param>
internal sealed record ComparedMethod(string Name, ImmutableSortedDictionary<string, string> Options, string Personalization = "none")
{
    /// <summary>The name of the row that no party is in: all data in one place, the same learner.</summary>
    public const string Pooled = "pooled";

    private static readonly string[] s_personal = ["fine-tune", "additive", "interpolate", "clusters"];
    private static readonly ImmutableSortedDictionary<string, string> s_none = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    // FedAvg as McMahan et al. 2017 have it: the server takes the mean of the clients' models.
    private static readonly ImmutableSortedDictionary<string, string> s_mean = s_none.Add("server-optimizer", "sgd").Add("server-lr", "1");

    /// <summary>Whether its server takes the mean of the clients' models, so that options of the server's step are of other rows.</summary>
    public bool IsMean => Options.ContainsKey("server-optimizer");

    /// <summary>Whether it holds for clients that all count alike only.</summary>
    public bool IsUniform => Options.ContainsKey("scaffold");

    /// <summary>The methods that a learner can run.</summary>
    /// <param name="learnerOptions">Names of the learner's options.</param>
    /// <param name="canPersonalize">Whether its clients can have models of their own.</param>
    /// <param name="proximal">μ of FedProx.</param>
    public static IReadOnlyList<ComparedMethod> All(IReadOnlyCollection<string> learnerOptions, bool canPersonalize, string proximal)
    {
        List<ComparedMethod> methods = [new(Pooled, s_none.Add("parties", "1")), new("FedAvg", s_mean)];
        if (learnerOptions.Contains("proximal"))
        {
            methods.Add(new ComparedMethod("FedProx", s_mean.Add("proximal", proximal)));
        }

        if (learnerOptions.Contains("scaffold"))
        {
            methods.Add(new ComparedMethod("SCAFFOLD", s_none.Add("scaffold", "on").Add("server-optimizer", "default").Add("server-lr", "0")));
        }

        methods.Add(new ComparedMethod("FedOpt", s_none));
        return canPersonalize ? [.. methods, .. s_personal.Select(Personal)] : methods;
    }

    /// <summary>The point that is trained.</summary>
    /// <param name="alpha">Concentration of the deal to parties; 0 for users alike.</param>
    /// <param name="without">Names of the options that the method does not have.</param>
    public SweepPoint ToPoint(string alpha, IEnumerable<string> without) => new(Options.ContainsKey("parties") ? Options : Options.Add("party-alpha", alpha))
    {
        Without = [.. without],
    };

    private static ComparedMethod Personal(string method) => new($"FedOpt, {method}", s_none.Add("personalize", method), method);
}
