using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Contracts.Histories;

namespace FedRec.Cli.Commands;

/// <summary><c>history forget</c>, and <c>history verify</c> of what that certifies.</summary>
internal static class ForgettingCommands
{
    public static Command Forget(Terminal terminal)
    {
        var user = HistoryCommand.User();
        var retire = new Option<bool>("--retire") { Description = "Deletes model versions that counted the user; that in use and the newest once another one is in their place, pinned ones once they are unpinned." };
        var file = TypedOptions.Text("--certificate", "A new file for the certificate: what was done and what not, signed with the federation's key. 'history verify' checks it without a store.", "FILE");
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("forget", "Forgets a user: erases what was recorded, leaves out what was loaded, recommends nothing any more, certifies it, and says where data may remain. Again, it says what is new since, such as the first version without the user.") { user, retire, file, federation, storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var path = context.Value(file) is { } given ? context.FullPath(given) : null;
            if (path is not null && Path.Exists(path))
            {
                throw new CliException(ExitCode.Failed, $"{path} is there already.", "Give a new file; FedRec overwrites nothing. Nobody was forgotten.");
            }

            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            var answer = await session.Grains.GetGrain<IHistoryGrain>(name).ForgetAsync(context.Value(user), context.Value(retire), cancellationToken);
            if (answer.Certificate is not { } certificate)
            {
                throw new CliException(ExitCode.Failed, answer.Receipt.Message, "Nobody was forgotten.");
            }

            var table = Table($"{name}: {answer.Receipt.Message}", certificate);
            foreach (var place in answer.Receipt.Remaining)
            {
                table.Notes.Add($"Remains: {place}.");
            }

            if (path is not null)
            {
                await using var stream = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write));
                await stream.WriteAsync(certificate.Write());
            }

            context.Write(new { federation = name, user = context.Value(user), change = HistoryChangeKind.Forgotten, answer.Receipt.Remaining, certificate, file = path }, table);
            return ExitCode.Ok;
        });
        return command.WithExamples("fedrec history forget 42", "fedrec history forget 42 --retire --certificate 42.json", "fedrec history forget north/42 --federation shops");
    }

    public static Command Verify(Terminal terminal)
    {
        var place = new Argument<string>("file") { Description = "A certificate that 'history forget' has written." };
        var key = TypedOptions.Text("--key", "SHA-256 of the federation's key, in hexadecimal, as you have it from elsewhere: from another certificate, or from whoever runs the federation. Without it nobody knows whose signature it is.", "HASH");
        var command = new Command("verify", "Checks the signature of a certificate that a user was forgotten, without a store, and shows what it says. Exit code 1 when it does not fit.") { place, key };
        command.Run(terminal, (context, _) =>
        {
            var certificate = Read(context.FullPath(context.Value(place)));
            var isSigned = certificate.IsSigned();
            var isOther = context.Value(key) is { } wanted && !wanted.Equals(certificate.KeySha256(), StringComparison.OrdinalIgnoreCase);
            var table = Table(!isSigned ? "The signature does not fit" : isOther ? "Signed with another key" : "The signature fits", certificate);
            table.Notes.Add(!isSigned ? "What the certificate says is not what was signed, or the signature is damaged: do not rely on it."
                : isOther ? $"It was signed with the key {certificate.KeySha256()}, and --key says another one."
                : context.Value(key) is null ? $"Whose key it is was not checked: compare {certificate.KeySha256()}, or give the one that you know with --key." : "It is the key that you gave.");
            context.Write(new { fits = isSigned && !isOther, keySha256 = certificate.KeySha256(), keyCompared = context.Value(key) is not null, certificate }, table);
            return Task.FromResult(isSigned && !isOther ? ExitCode.Ok : ExitCode.Failed);
        });
        return command.WithExamples("fedrec history verify 42.json --key 3f2a…");
    }

    private static ResultTable Table(string title, ForgettingCertificate certificate)
    {
        var table = new ResultTable(title, "what", "certified").Add("federation", certificate.Federation).Add("user (keyed hash)", certificate.Subject)
            .Add("forgotten", certificate.ForgottenAt.ToString("u", CultureInfo.InvariantCulture)).Add("edition", string.Create(CultureInfo.InvariantCulture, $"{certificate.Edition} of {certificate.IssuedAt:u}"))
            .Add("erased", $"{(certificate.Interactions is { } count ? Text.Count(count) : "unknown number of")} recorded interactions, {Text.Count(certificate.KeptStates)} kept states");
        foreach (var version in certificate.Versions)
        {
            table.Add($"version {version.Version}", $"may have counted the user; {Words(version.Fate)}");
        }

        table.Add("without the user", certificate.Without is { } without ? $"version {without.Version} ({without.Learner}), {Words(without.How)}: {without.Sha256}" : "no version yet: train one");
        table.Add("key", certificate.KeySha256());
        return table;
    }

    private static string Words(VersionFate fate) => fate switch
    {
        VersionFate.Deleted => "no longer stored",
        VersionFate.UntilReplaced => "deleted once another one is in its place",
        VersionFate.UntilUnpinned => "kept until it is unpinned",
        _ => "kept until retention drops it",
    };

    private static string Words(Unlearning how) => how switch
    {
        Unlearning.Retrained => "trained without the user, from parameters that never counted the user",
        Unlearning.Subtracted => "with the bytes of training afresh without the user",
        _ => "trained on from a version that may have counted the user, and may still remember",
    };

    private static ForgettingCertificate Read(string path)
    {
        const string Next = "Give a file that 'fedrec history forget --certificate' has written.";
        try
        {
            return ForgettingCertificate.TryRead(File.ReadAllText(path)) ?? throw new CliException(ExitCode.Failed, $"{path} is no certificate.", Next);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failed, $"{path} cannot be read: {exception.Message}", Next, exception);
        }
    }
}
