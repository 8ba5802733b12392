using System.CommandLine;

namespace FedRec.Cli.Commands;

/// <summary><c>data</c>: looks at interactions, or makes some.</summary>
internal static class DataCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("data", "Inspects interactions, deals them to parties, aligns the items of parties, or writes the synthetic catalogue to files.")
        {
            DataInspectCommand.Create(terminal),
            DataSynthCommand.Create(terminal),
            DataSplitCommand.Create(terminal),
            DataAlignCommand.Create(terminal),
        };
        return command.WithExamples("fedrec data inspect ml-100k/u.data", "fedrec data synth --out ./synthetic --clients 500");
    }
}
