using FedRec.Cli;

return await CliApp.RunAsync(args, Terminal.FromProcess());
