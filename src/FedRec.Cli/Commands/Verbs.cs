using System.CommandLine;
using FedRec.Cli.Comparisons;

namespace FedRec.Cli.Commands;

/// <summary>All verbs, in the order in which help shows them.</summary>
internal static class Verbs
{
    public static IEnumerable<Command> Create(Terminal terminal) =>
    [
        DemoCommand.Create(terminal),
        ServeCommand.Create(terminal),
        SimulateCommand.Create(terminal),
        CompareCommand.Create(terminal),
        EvalCommand.Create(terminal),
        RecommendCommand.Create(terminal),
        SimilarCommand.Create(terminal),
        HistoryCommand.Create(terminal),
        ModelCommand.Create(terminal),
        DataCommand.Create(terminal),
        DoctorCommand.Create(terminal),
    ];
}
