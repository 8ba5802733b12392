using FedRec.Cli;
using FedRec.Cli.Commands;

using var signals = new EndSignals(isAttended: args.Contains(SiloCommand.Attended));
return await CliApp.RunAsync(args, Terminal.FromProcess() with { Terminating = signals.Terminate }, signals.End);
