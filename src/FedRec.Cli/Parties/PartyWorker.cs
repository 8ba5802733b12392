using System.Net;
using System.Runtime.InteropServices;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Grains.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>Does what the coordinator asks of the party, one thing after the other, and notes each thing that leaves it before it does.</summary>
/// <remarks>Keeps nothing that an order needs: what it was asked is asked again after a crash, and trains to the same bytes.</remarks>
internal sealed class PartyWorker(PartyFolder folder, PartyClient client, FederationParts parts, NewestModel? newest, Action<string> say, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_notYet = TimeSpan.FromSeconds(2); // between looks whether the party is approved, or let in again
    private static readonly TimeSpan s_day = TimeSpan.FromHours(24);
    private RemoteTrainer? _trainer;
    private DateTime? _readAt;
    private string _fingerprint = "";
    private Task _offered = Task.CompletedTask;
    private RunData? _data; // of the run that was last trained for
    private string? _lastWords;
    private (string Sha256, byte[] Bytes) _catalogue = ("", []);

    /// <summary>Serves until it is ended.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CliException">The party was removed, or its data cannot be read.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _ = PartyPolicy.Read(folder.Root, parts);
        OpenUnlessOpen();
        var (isReported, failures) = (false, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!isReported)
                {
                    await client.ReportAsync(_trainer!.Report, cancellationToken);
                    (isReported, _) = (true, Say($"connected to {folder.Membership.Code.Url}; waiting for orders"));
                }

                if (await client.PollAsync(PartyLimits.PollWait, cancellationToken) is { } order)
                {
                    await DoAsync(order, cancellationToken);
                }

                failures = 0;
            }
            catch (PartyException exception) when (exception.Status is HttpStatusCode.Gone)
            {
                throw new CliException(ExitCode.Failed, exception.Message, $"What it has sent is in {folder.LogPath}.", exception);
            }
            catch (PartyException exception) when (exception.Status is HttpStatusCode.Forbidden)
            {
                (isReported, _) = (false, Say(exception.Message));
                await Task.Delay(s_notYet, time, cancellationToken);
            }
            catch (Exception exception) when (exception is PartyException or HttpRequestException or IOException or InvalidDataException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                Say(exception is PartyException ? exception.Message : $"the coordinator cannot be reached ({exception.GetBaseException().Message.Split('\n')[0]}); trying again");
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(s_longestPause.TotalSeconds, 1 << Math.Min(failures++, 5))), time, cancellationToken);
            }
        }
    }

    /// <summary>Follows one order.</summary>
    /// <exception cref="PartyException">The coordinator refuses what is sent.</exception>
    public async Task DoAsync(PartyOrder order, CancellationToken cancellationToken)
    {
        if (order.Request.Federation != folder.Membership.Code.Federation)
        {
            throw new InvalidDataException($"The coordinator asks for federation '{order.Request.Federation}', and the party belongs to '{folder.Membership.Code.Federation}'.");
        }

        OpenUnlessOpen();
        try
        {
            _ = RemoteTrainer.Checked(order);
            if (PartyPolicy.Read(folder.Root, parts).WhyNot(order, folder.Releases.RoundsSince(time.GetUtcNow() - s_day, order)) is { } forbidden)
            {
                await RefuseAsync(order, forbidden, cancellationToken);
                return;
            }

            await LookForChangesAsync(order, cancellationToken);
            var (catalogue, model) = (await CatalogueAsync(order, cancellationToken), await client.FetchAsync(order.ModelSha256, cancellationToken));
            if (order.Evaluation is { } evaluation)
            {
                var sums = await _trainer!.EvaluateAsync(order, catalogue, model);
                folder.Releases.Add(new { at = time.GetUtcNow(), what = "evaluation", order.Update.Run, evaluation = evaluation.Id, bytes = sums.Length, sha256 = PartyStatements.Sha256(sums), model = order.ModelSha256 });
                await client.EvaluatedAsync(evaluation.Id, sums, cancellationToken);
                await OfferAsync(order, catalogue, model);
                Say($"{order.Update.Run}: sent sums of an evaluation, {sums.Length:N0} bytes");
                return;
            }

            var update = await Task.Run(() => _trainer!.Train(order, catalogue, model), cancellationToken);
            await SendAsync(order, update, cancellationToken);
            await OfferAsync(order, catalogue, model);
        }
        catch (Exception exception) when (exception is ArgumentException or ArithmeticException)
        {
            await RefuseAsync(order, exception.Message, cancellationToken);
        }
        catch (ExternalException exception) // of linear algebra: such as weights of ease that no counts come to
        {
            await RefuseAsync(order, $"The model cannot be worked with: {exception.Message.Split('\n')[0]}", cancellationToken);
        }
        catch (PartyException exception) when (exception.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            Say($"{order.Update.Run}, round {order.Update.Round}: {exception.Message}"); // the round went on
        }
    }

    /// <summary>Until what was offered to serve from is kept.</summary>
    public Task OfferedAsync() => _offered;

    /// <inheritdoc/>
    public void Dispose() => _trainer?.Dispose();

    // Making a model ready may take long, as that of ease: orders do not wait for it, but for the one before.
    private async Task OfferAsync(PartyOrder order, byte[] catalogue, byte[] model)
    {
        if (newest is not null && new KeptModel(order, time.GetUtcNow()).Replaces(newest.Kept))
        {
            await _offered;
            _offered = Task.Run(() => newest.OfferAsync(order, catalogue, model));
        }
    }

    private async Task RefuseAsync(PartyOrder order, string reason, CancellationToken cancellationToken)
    {
        folder.Releases.Add(new { at = time.GetUtcNow(), what = "refusal", order.Update.Run, order.Update.Round, order.Update.Attempt, reason });
        Say($"{order.Update.Run}, {(order.Evaluation is null ? $"round {order.Update.Round}" : "evaluation")}: refused: {reason}");
        await (order.Evaluation is { } evaluation ? client.EvaluatedAsync(evaluation.Id, [], cancellationToken) : client.RefuseAsync(order, reason, cancellationToken));
    }

    private async Task SendAsync(PartyOrder order, byte[] update, CancellationToken cancellationToken)
    {
        var release = new Release(time.GetUtcNow(), Release.Update, order.Update.Run, order.Update.Round, order.Update.Attempt, order.Request.Learner, _trainer!.Report.Users, update.Length,
            PartyStatements.Sha256(update), order.ModelSha256, order.CatalogueSha256, order.ConfigSha256);
        folder.Releases.Add(release); // before it is sent: what may have left the machine is in the log
        var receipt = await client.SubmitAsync(order, update, cancellationToken);
        folder.Releases.Add(new { at = time.GetUtcNow(), what = "receipt", order.Update.Run, order.Update.Round, order.Update.Attempt, receipt.Outcome, sha256 = receipt.PayloadSha256 });
        Say($"{order.Update.Run}, round {order.Update.Round}: sent {update.Length:N0} bytes ({order.Request.Learner}, summed over {_trainer.Report.Users:N0} users); {receipt.Outcome.ToString().ToLowerInvariant()}");
    }

    // All rounds of a run are about the same data: what has changed is read again when a run begins, and not within one. Evaluations go by what is there, and of the run by its data too.
    private async Task LookForChangesAsync(PartyOrder order, CancellationToken cancellationToken)
    {
        var run = new RunData(order.Update.Run, order.ConfigSha256, _fingerprint);
        _data ??= folder.ReadRunData();
        if (_data == run || (_data?.IsOf(run) != true && order.Evaluation is not null))
        {
            return;
        }

        if (_readAt is null || PartyRows.LastWrite(folder.Membership) != _readAt)
        {
            OpenAgain(order);
            await client.ReportAsync(_trainer!.Report, cancellationToken);
            run = run with { Fingerprint = _fingerprint };
        }

        if (_data?.IsOf(run) != true)
        {
            folder.WriteRunData(run); // before anything is trained for it
            _data = run;
        }
        else if (_data != run) // a restart, or a query, has found other data than the run began with
        {
            throw new ArgumentException($"The party's data has changed since {order.Update.Run} began, and all rounds of a run are about the same data. The party takes part again from the next run on, or once the data is as it was.");
        }
    }

    // A run has one catalogue for all its rounds.
    private async Task<byte[]> CatalogueAsync(PartyOrder order, CancellationToken cancellationToken)
    {
        if (_catalogue.Sha256 != order.CatalogueSha256)
        {
            _catalogue = (order.CatalogueSha256, await client.FetchAsync(order.CatalogueSha256, cancellationToken));
            TellUnmatched(order, _catalogue.Bytes);
        }

        return _catalogue.Bytes;
    }

    private void OpenUnlessOpen()
    {
        if (_trainer is null)
        {
            Open();
        }
    }

    private void Open()
    {
        var (readAt, trainer) = (PartyRows.LastWrite(folder.Membership), PartyRows.Open(folder.Membership, parts));
        _trainer?.Dispose();
        (_readAt, _trainer, _fingerprint) = (readAt, trainer, trainer.Fingerprint);
        if (newest is not null)
        {
            newest.Data = trainer;
        }

        Say($"{trainer.Report.Users:N0} users with {trainer.Interactions:N0} interactions in {PartyRows.Place(folder.Membership)}");
    }

    // What is wrong with the data is for its owner only.
    private void OpenAgain(PartyOrder order)
    {
        try
        {
            Open();
        }
        catch (Exception exception) when (exception is DatasetException or IOException or UnauthorizedAccessException)
        {
            Say($"{order.Update.Run}: the data cannot be read: {exception.Message}");
            throw new ArgumentException("The party's data cannot be read at the moment.", exception);
        }
    }

    private void TellUnmatched(PartyOrder order, byte[] catalogue)
    {
        if (_trainer!.Unmatched(catalogue) is { Count: > 0 } unmatched)
        {
            Say($"note: {unmatched.Count:N0} items of the data are not in the catalogue of {order.Request.Federation}, and what was done with them is left out: {string.Join(", ", unmatched.Take(3))}{(unmatched.Count > 3 ? ", …" : "")}");
        }
    }

    // What was said last is not said again.
    private bool Say(string words)
    {
        if (words != _lastWords)
        {
            say(words);
        }

        _lastWords = words;
        return true;
    }
}
