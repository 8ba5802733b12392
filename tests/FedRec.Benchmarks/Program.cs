using System.Globalization;
using System.Text.Json;
using FedRec.Benchmarks;
using FedRec.Benchmarks.Attacks;
using FedRec.Benchmarks.CrossDomain;
using FedRec.Benchmarks.EndToEnd;
using FedRec.Benchmarks.Ensembles;
using FedRec.Benchmarks.Orders;
using FedRec.Benchmarks.PartyCosts;
using FedRec.Benchmarks.SecureAggregation;

if (args is ["--write-w", var path])
{
    WorkloadW.Write(WorkloadW.Make(), path);
    Console.WriteLine($"{path}: {WorkloadW.Users} users, {WorkloadW.Items} items, {WorkloadW.Positives} items each");
    return 0;
}

if (args is ["--end-to-end"] or ["--end-to-end-run", ..])
{
    return await EndToEndCommand.RunAsync(args[1..]);
}

if (args is ["--parties", .. var number] && (number is [] || (number.Length == 1 && int.TryParse(number[0], CultureInfo.InvariantCulture, out var many) && many is >= 1 and <= 5_000)))
{
    return await PartyCostCommand.RunAsync(number is [] ? 1_000 : int.Parse(number[0], CultureInfo.InvariantCulture));
}

if (args is ["--parties-hostile", var invitation, var port])
{
    return await HostileParty.RunAsync(invitation, int.Parse(port, CultureInfo.InvariantCulture));
}

if (args is ["--ensemble", var data, .. var rest])
{
    return EnsembleCommand.Run(data, rest);
}

if (args is ["--orders", var ordered, .. var given])
{
    return OrderCommand.Run(ordered, given);
}

if (args is ["--secure", .. var secure])
{
    return SecureCommand.Run(secure);
}

if (args is ["--attacks", var attacked, .. var how])
{
    return AttackCommand.Run(attacked, how);
}

if (args is ["--noise"])
{
    NoiseDraws.Run();
    return 0;
}

if (args is ["--inverse"])
{
    InverseByHalves.Run();
    return 0;
}

if (args is ["--evaluation"])
{
    using var paths = new EvaluationPaths();
    paths.Run();
    return 0;
}

if (args is ["--federated-sequence", var sequences])
{
    FederatedSequence.Run(sequences);
    return 0;
}

if (args is ["--cross-domain", var domains, .. var drawn])
{
    return DomainCommands.CrossDomain(domains, drawn);
}

if (args is ["--pre-train", var own, .. var begun])
{
    return DomainCommands.PreTrain(own, begun);
}

if (args is ["--warm-start", var both, .. var warmed])
{
    return DomainCommands.WarmStart(both, warmed);
}

if (args is not ([] or ["--json"]))
{
    Console.Error.WriteLine("Usage: FedRec.Benchmarks [--json | --end-to-end | --write-w PATH | --ensemble PATH [--seeds N] [--server-lr X] [--alpha X]");
    Console.Error.WriteLine("                         | --cross-domain PATH [--seeds N] | --pre-train PATH [--seeds N] [--public PATH] [--match id|title]");
    Console.Error.WriteLine("                         | --warm-start PATH [--seeds N] | --orders PATH [--lambda X] [--kernel X] [--recency X] [--learners A,B] | --inverse | --noise | --evaluation");
    Console.Error.WriteLine("                         | --federated-sequence PATH | --parties [N] | --secure [CLIENTS LENGTH] | --attacks PATH [OPTIONS]]");
    Console.Error.WriteLine("--end-to-end    workload W through the grains as a share of what the kernel could train on all cores, and where the time goes; four minutes");
    Console.Error.WriteLine("--orders        ease without the order of users' items, with recency, kernel and both, and mf, ncf or two-tower without and with recency,");
    Console.Error.WriteLine("                and centralised SASRec, which takes minutes; what is not given is chosen on validation items");
    Console.Error.WriteLine("--inverse       inverting what ease solves for by halves, against LAPACK");
    Console.Error.WriteLine("--noise         what a number of exact noise takes");
    Console.Error.WriteLine("--evaluation    scoring a user with ease and mf, against the same one product after the other, and what else evaluating a user takes");
    Console.Error.WriteLine("--federated-sequence  SASRec by FedSGD with Adam at the server, in steps of 100 clients, against ease; minutes for each of three step sizes");
    Console.Error.WriteLine("--cross-domain  half of the items as another domain of the same users: the gain for users with 0, 1 and 3 items in this one");
    Console.Error.WriteLine("--pre-train     a federation that begins with public data (half of the users, or all of --public) against one begun anew");
    Console.Error.WriteLine("--warm-start    two-tower begun with that of other users and other items, whose tags it shares, against one begun anew");
    Console.Error.WriteLine("--parties       what N parties (1,000; 1 to 5,000) with a process of their own cost the coordinator: processor time, memory, and time of others; ten minutes");
    Console.Error.WriteLine("--secure        what secure aggregation costs server and clients beside a plain sum, with a tenth of the clients going away; three minutes");
    Console.Error.WriteLine("--attacks       malicious clients in rounds of mf by local SGD, undefended or against --aggregators: exposure of 5 cold items, and quality; a minute for each run of 3 seeds");
    return 2;
}

using var contenders = new Contenders(WorkloadW.Make());
contenders.ThrowUnlessEqual();
var fast = Harness.Compare([.. contenders.All.Where(c => c.Name != Contenders.Torch)], repetitions: 31, clients: WorkloadW.Users);
var slow = Harness.Compare([.. contenders.All.Where(c => c.Name is Contenders.Torch or Contenders.Kernel)], repetitions: 5, clients: 200);
using var networks = new NeuralBatching(WorkloadW.Make());
var neural = Harness.Compare(networks.All, repetitions: 9, clients: NeuralBatching.Users);
double Of(IReadOnlyList<Measurement> measurements, string name) => measurements.First(m => m.Name == name).Microseconds;
Measurement[] all = [.. fast, slow.First(m => m.Name == Contenders.Torch), .. neural];
var ratios = new
{
    KernelToReference = Of(fast, Contenders.Kernel) / Of(fast, Contenders.Reference),
    TorchToKernel = Of(slow, Contenders.Torch) / Of(slow, Contenders.Kernel),
    NeuralTogetherToAlone = Of(neural, NeuralBatching.Together) / Of(neural, NeuralBatching.Alone),
};
if (args is ["--json"])
{
    Console.WriteLine(JsonSerializer.Serialize(new { workload = "W", measurements = all, ratios }, JsonSerializerOptions.Web));
    return 0;
}

Console.WriteLine("Workload W, one client, one thread; medians of repetitions that take turns");
foreach (var m in all)
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {m.Name,-22} {m.Microseconds,8:F2} µs {m.AllocatedBytes,10:F1} B allocated"));
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kernel / reference loop: {ratios.KernelToReference:F2} (at most 1.2)"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"torch autograd / kernel: {ratios.TorchToKernel:F1} (at least 20)"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ncf, 32 users at once / a client each: {ratios.NeuralTogetherToAlone:F2} (below 1)"));
return 0;
