using System.CommandLine;
using FedRec.Cli.Demo;
using FedRec.Cli.Hosting;

namespace FedRec.Cli.Commands;

/// <summary><c>demo</c>: the main job end to end on built-in data, with the web front end.</summary>
internal static class DemoCommand
{
    public static Command Create(Terminal terminal)
    {
        var once = new Option<bool>("--once") { Description = "Ends after the results are printed; otherwise stays up until Ctrl-C." };
        var (port, insecure) = (CommonOptions.WebPort(), CommonOptions.InsecureNoAuth());
        var (storage, scenario) = (CommonOptions.Storage(), CommonOptions.Scenario());
        var data = TypedOptions.Text("--data", "Real data in place of what is built in; for clinic the folder of MIMIC-III tables, for bank ticdata2000.txt of CoIL 2000.", "PATH");
        var reading = new ReadingArguments();
        var command = new Command("demo", "Starts storage, a silo and the web page, trains on the built-in data, and shows quality and explained recommendations.");
        command.WithOptions(OptionGroup.BeginWith([once, scenario, data, port, storage], reading.Group, new OptionGroup("Web page", [insecure])));
        command.WithExamples("fedrec demo", "fedrec demo --once --storage memory", "fedrec demo --scenario clinic --once", "fedrec demo --scenario bank --data coil2000-insurance", "fedrec demo --port 8080");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            WebFrontEnd.RequireLoopback(context, context.Value(insecure));
            var plan = VerbSession.Plan(context, context.Value(storage)) with { WebPort = WebFrontEnd.Port(context, port), TrainsLong = true, Stays = true };
            var path = context.Value(data) is { } given ? RunRequests.RereadablePath(context, given, "--data") : null;
            await new DemoShow(context, DemoScenario.Find(context.Value(scenario)), path, reading.ToSpec(context)).RunAsync(plan, context.Value(once), cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }
}
