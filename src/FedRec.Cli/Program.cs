using FedRec.Cli;

using var signals = new EndSignals();
return await CliApp.RunAsync(args, Terminal.FromProcess() with { Terminating = signals.Terminate }, signals.End);
