using System.Net;
using System.Security.Cryptography;
using FedRec.Cli.Commands;
using FedRec.Cli.Output;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Grains.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>Whether a party could do what it is asked, looked at before it is: nothing is sent but a question.</summary>
internal static class PartyChecks
{
    private const long LeastFree = 100_000_000;
    private const string Join = "Where the operator has forgotten the party, ask for a new code and join again: fedrec party join CODE --data PATH. Where the key here is another one than it was, put that back from a copy.";

    /// <summary>All checks, in the order in which one depends on another.</summary>
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(PartyFolder folder, string path, FederationParts parts, CancellationToken cancellationToken)
    {
        var results = new List<CheckResult> { Place(folder, path), MachineChecks.Disk(path, LeastFree, $"Free some space: the log, and the models that the party serves from, need {Text.Bytes(LeastFree)} at least.", "Give the party another folder with --folder.") };
        var policy = TryReadPolicy(folder, parts, results);
        using var key = TryReadKey(folder, results);
        using var trainer = TryRead(folder, parts, results);
        if (key is null)
        {
            return results;
        }

        using var client = new PartyClient(folder);
        var order = await AskAsync(folder, client, results, cancellationToken);
        if (order is not null && policy?.WhyNot(order, folder.Releases.Since(DateTimeOffset.UtcNow.AddDays(-1), order)) is { } forbidden)
        {
            results.Add(new CheckResult("order", true, true, $"round {order.Update.Round} of {order.Update.Run} waits, and would be refused: {forbidden}"));
        }
        else if (order is { Evaluation: null } && trainer is not null)
        {
            results.Add(await TrainAsync(order, client, trainer, cancellationToken));
        }

        return results;
    }

    // What run needs before it says a word.
    private static CheckResult Place(PartyFolder folder, string path)
    {
        var probe = Path.Combine(path, $"check-{Environment.ProcessId}");
        try
        {
            PartyFiles.Write(probe, "FedRec");
            PartyFiles.Drop(probe);
            if (Path.Exists(folder.LogPath))
            {
                folder.Releases.RequireWritable();
            }

            return new CheckResult("folder", true, true, path);
        }
        catch (PartyFileException exception)
        {
            return new CheckResult("folder", false, true, exception.Message, exception.Next);
        }
    }

    private static PartyPolicy? TryReadPolicy(PartyFolder folder, FederationParts parts, List<CheckResult> results)
    {
        try
        {
            var policy = PartyPolicy.Read(folder.Root, parts);
            results.Add(new CheckResult("policy", true, true, $"{policy.Words()} ({Path.Combine(folder.Root, PartyPolicy.FileName)}{(File.Exists(Path.Combine(folder.Root, PartyPolicy.FileName)) ? "" : " is not there")})"));
            return policy;
        }
        catch (CliException exception)
        {
            results.Add(new CheckResult("policy", false, true, exception.Message, exception.Next));
            return null;
        }
    }

    private static ECDsa? TryReadKey(PartyFolder folder, List<CheckResult> results)
    {
        try
        {
            var key = folder.ReadKey();
            results.Add(new CheckResult("key", true, true, PartyFingerprint.Of(key.ExportSubjectPublicKeyInfo())));
            return key;
        }
        catch (PartyFileException exception)
        {
            results.Add(new CheckResult("key", false, true, exception.Message, exception.Next));
            return null;
        }
    }

    private static RemoteTrainer? TryRead(PartyFolder folder, FederationParts parts, List<CheckResult> results)
    {
        try
        {
            var trainer = PartyRows.Open(folder.Membership, parts);
            results.Add(new CheckResult("data", true, true, $"{trainer.Report.Users:N0} users, {trainer.Interactions:N0} interactions in {PartyRows.Place(folder.Membership)}"));
            return trainer;
        }
        catch (Exception exception) when (exception is DatasetException or CliException or IOException or UnauthorizedAccessException)
        {
            results.Add(new CheckResult("data", false, true, exception.Message, "Correct it, or join again with other data (the code may be used again with this party's key)."));
            return null;
        }
    }

    private static async Task<PartyOrder?> AskAsync(PartyFolder folder, PartyClient client, List<CheckResult> results, CancellationToken cancellationToken)
    {
        var code = folder.Membership.Code;
        try
        {
            var order = await client.PollAsync(TimeSpan.Zero, cancellationToken);
            results.Add(new CheckResult("coordinator", true, true, $"{code.Url} knows the party, and lets it take part"));
            results.Add(new CheckResult("clock", true, true, $"{Math.Abs(client.Ahead.TotalSeconds):N0} s apart; tokens go by the coordinator's"));
            return order;
        }
        catch (PartyException exception)
        {
            results.Add(new CheckResult("coordinator", false, true, exception.Message, exception.Status switch
            {
                HttpStatusCode.Unauthorized => Join,
                HttpStatusCode.Conflict => "End the other one, and look again in a minute.",
                HttpStatusCode.Forbidden or HttpStatusCode.Gone or HttpStatusCode.BadRequest => "Ask the coordinator's operator.",
                _ => "Look again in a minute; where that does not help, ask the coordinator's operator.",
            }));
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            results.Add(new CheckResult("coordinator", false, true, $"{code.Url}: {PartyConnection.Why(exception)}",
                "Check name, network and proxy, and that FedRec serves there. Where it has moved or its certificate was made anew, ask the operator for the notice (fedrec party move URL), and follow it: fedrec party follow NOTICE"));
        }

        return null;
    }

    private static async Task<CheckResult> TrainAsync(PartyOrder order, PartyClient client, RemoteTrainer trainer, CancellationToken cancellationToken)
    {
        try
        {
            var (catalogue, model) = (await client.FetchAsync(order.CatalogueSha256, cancellationToken), await client.FetchAsync(order.ModelSha256, cancellationToken));
            var update = trainer.Train(RemoteTrainer.Checked(order), catalogue, model);
            return new CheckResult("training", true, true, $"round {order.Update.Round} of {order.Update.Run}: {update.Length:N0} bytes, not sent; {trainer.Unmatched(catalogue).Count:N0} items are not in the catalogue");
        }
        catch (Exception exception) when (exception is PartyException or ArgumentException or ArithmeticException or InvalidDataException)
        {
            return new CheckResult("training", false, true, exception.Message, "Tell the coordinator's operator; the party will refuse this round.");
        }
    }
}
