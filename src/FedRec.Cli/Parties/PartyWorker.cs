using System.Net;
using System.Runtime.InteropServices;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Core.Federation;
using FedRec.Grains.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>Does what the coordinator asks of the party, one thing after the other, and notes each thing that leaves it before it does.</summary>
/// <remarks>Keeps nothing that an order needs: what it was asked is asked again after a crash, and trains to the same bytes.</remarks>
internal sealed class PartyWorker : IDisposable
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longestAsked = TimeSpan.FromMinutes(10); // whatever the coordinator says
    private static readonly TimeSpan s_notYet = TimeSpan.FromSeconds(2); // between looks whether the party is approved, or let in again
    private static readonly TimeSpan s_versionPause = TimeSpan.FromMinutes(1); // between attempts at a version that cannot be had
    private static readonly TimeSpan s_day = TimeSpan.FromHours(24);
    private readonly PartyFolder _folder;
    private readonly PartyClient _client;
    private readonly FederationParts _parts;
    private readonly NewestModel? _newest;
    private readonly Action<string> _say;
    private readonly TimeProvider _time;
    private readonly PartyData _data;
    private Task _offered = Task.CompletedTask;
    private string? _lastWords;
    private DateTimeOffset _takesVersionFrom = DateTimeOffset.MinValue; // of one that could not be had
    private PartyReport? _reported; // what the coordinator has been told last
    private int? _unmatched; // of the data that was read last; null before it was compared with a catalogue
    private DateTimeOffset _readAt;
    private (string Sha256, byte[] Bytes) _catalogue = ("", []);
    private readonly PartySecureRounds _secure;
    private (string Sha256, byte[] Bytes) _model = ("", []); // of a masked round, which is asked for twice

    /// <param name="folder">What the party keeps.</param>
    /// <param name="client">Speaks to the coordinator.</param>
    /// <param name="parts">What orders can name.</param>
    /// <param name="newest">What its users are served from; null where they are not.</param>
    /// <param name="say">Tells the party's owner.</param>
    /// <param name="time">The clock.</param>
    public PartyWorker(PartyFolder folder, PartyClient client, FederationParts parts, NewestModel? newest, Action<string> say, TimeProvider time)
    {
        (_folder, _client, _parts, _newest, _say, _time) = (folder, client, parts, newest, say, time);
        _data = new PartyData(folder, parts, words => Say(words), UseData);
        _secure = new PartySecureRounds(folder, client, words => Say(words), time);
    }

    /// <summary>Serves until it is ended.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CliException">The party was removed, or its data cannot be read.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var policy = PartyPolicy.Read(_folder.Root, _parts);
        _data.ReadUnlessRead();
        var (isReported, failures) = (false, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!isReported)
                {
                    _reported = null;
                    await ReportAsync(policy, cancellationToken);
                    (isReported, _) = (true, Say($"connected to {_client.Url}; waiting for orders"));
                }

                if (await _client.PollAsync(PartyLimits.PollWait, cancellationToken) is { } order)
                {
                    await DoAsync(order, cancellationToken);
                }

                await TakeVersionInUseAsync(cancellationToken);

                failures = 0;
            }
            catch (PartyException exception) when (exception.Status is HttpStatusCode.Gone)
            {
                throw new CliException(ExitCode.Failed, exception.Message, $"What it has sent is in {_folder.LogPath}.", exception);
            }
            catch (PartyException exception) when (exception.Status is HttpStatusCode.Forbidden)
            {
                (isReported, _) = (false, Say(exception.Message));
                await Task.Delay(s_notYet, _time, cancellationToken);
            }
            catch (Exception exception) when (exception is PartyException or HttpRequestException or IOException or InvalidDataException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                Say(exception switch
                {
                    PartyException => exception.Message,
                    HttpRequestException or HttpIOException or OperationCanceledException => $"the coordinator cannot be reached ({PartyConnection.Why(exception)}); trying again",
                    _ => $"nothing was sent: {exception.Message.Split('\n')[0]}; trying again", // such as a disk that is full
                });
                await Task.Delay(PauseAfter(exception, failures++), _time, cancellationToken);
            }
        }
    }

    /// <summary>Follows one order.</summary>
    /// <exception cref="PartyException">The coordinator refuses what is sent.</exception>
    public async Task DoAsync(PartyOrder order, CancellationToken cancellationToken)
    {
        if (order.Request.Federation != _folder.Membership.Code.Federation)
        {
            throw new InvalidDataException($"The coordinator asks for federation '{order.Request.Federation}', and the party belongs to '{_folder.Membership.Code.Federation}'.");
        }

        _data.ReadUnlessRead();
        try
        {
            _ = RemoteTrainer.Checked(order);
            var policy = PartyPolicy.Read(_folder.Root, _parts);
            if (policy.WhyNot(order, _folder.Releases.Since(_time.GetUtcNow() - s_day, order)) is { } forbidden)
            {
                await RefuseAsync(order, forbidden, cancellationToken);
                return;
            }

            _data.MakeReady(order);
            await ReportAsync(policy, cancellationToken);
            if (order.Secure is { Step: not SecureStep.Advertise and not SecureStep.Mask })
            {
                await _secure.AnswerAsync(order, cancellationToken); // what the step needs the party has
                return;
            }

            var (catalogue, model) = (await CatalogueAsync(order, cancellationToken), await ModelAsync(order, cancellationToken));
            await ReportAsync(policy, cancellationToken); // of the catalogue, too
            if (order.Evaluation is { } evaluation)
            {
                var sums = await _data.Trainer.EvaluateAsync(order, catalogue, model);
                _folder.Releases.Add(new { at = _time.GetUtcNow(), what = "evaluation", order.Update.Run, evaluation = evaluation.Id, bytes = sums.Length, sha256 = PartyStatements.Sha256(sums), model = order.ModelSha256 });
                await _client.EvaluatedAsync(evaluation.Id, sums, cancellationToken);
                await OfferAsync(order, catalogue, model);
                Say($"{order.Update.Run}: sent sums of an evaluation, {sums.Length:N0} bytes");
                return;
            }

            if (order.Secure is { Step: SecureStep.Advertise })
            {
                await _secure.BeginAsync(order, _data.Trainer, catalogue, model, cancellationToken);
                return;
            }

            var update = await Task.Run(() => order.Secure is null ? _data.Trainer.Train(order, catalogue, model) : _data.Trainer.Train(order, catalogue, model, _secure.Of(order)), cancellationToken);
            await SendAsync(order, update, cancellationToken);
            await OfferAsync(order, catalogue, model);
        }
        catch (Exception exception) when (exception is ArgumentException or ArithmeticException)
        {
            await RefuseAsync(order, exception.Message, cancellationToken);
        }
        catch (InvalidDataException exception) when (order.Secure is not null) // what the coordinator tells does not go with what the party has, or with what it told before
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

    /// <summary>Serves the version that the coordinator has told is in use: put there by a run, by promotion or by rollback. Where it cannot be had, the party goes on with what it has, and says so.</summary>
    /// <exception cref="PartyException">The party may not take part.</exception>
    public async Task TakeVersionInUseAsync(CancellationToken cancellationToken)
    {
        if (_newest is null || (_newest.InUse = _client.InUse) is not { } version || !_newest.IsBehind || _time.GetUtcNow() < _takesVersionFrom)
        {
            return;
        }

        _data.ReadUnlessRead();
        _takesVersionFrom = _time.GetUtcNow() + s_versionPause;
        try
        {
            var order = RemoteTrainer.Checked(await _client.GetVersionInUseAsync(cancellationToken));
            await _offered; // it may be that one
            await _newest.UseVersionAsync(order, sha256 => _client.FetchAsync(sha256, cancellationToken));
            _takesVersionFrom = _newest.IsBehind ? _takesVersionFrom : DateTimeOffset.MinValue;
        }
        catch (Exception exception) when (exception is ArgumentException or PartyException { Status: not HttpStatusCode.Gone and not HttpStatusCode.Forbidden })
        {
            Say($"note: version {version} is in use, and the party cannot have it: {exception.Message.Split('\n')[0]} {(_newest.Kept is null ? "It has no model yet." : "It goes on with the newest that it has.")}");
        }
    }

    /// <summary>Until what was offered to serve from is kept.</summary>
    public Task OfferedAsync() => _offered;

    /// <inheritdoc/>
    public void Dispose()
    {
        _data.Dispose();
        _secure.Dispose();
    }

    // Making a model ready may take long, as that of ease: orders do not wait for it, but for the one before.
    private async Task OfferAsync(PartyOrder order, byte[] catalogue, byte[] model)
    {
        if (_newest is not null && new KeptModel(order, _time.GetUtcNow()).Replaces(_newest.Kept is { InUse: > 0 } ? null : _newest.Kept))
        {
            await _offered;
            _offered = Task.Run(() => _newest.OfferAsync(order, catalogue, model));
        }
    }

    // How much the party holds, where that has changed.
    private async Task ReportAsync(PartyPolicy policy, CancellationToken cancellationToken)
    {
        if (policy.ReportOf(_data.Trainer, _unmatched, _readAt) is var report && report != _reported)
        {
            _folder.Releases.Add(new { at = _time.GetUtcNow(), what = "report", report.Users, report.SizeClass, report.MatchedItems, report.UnmatchedItems, report.ReadAt });
            await _client.ReportAsync(report, cancellationToken);
            _reported = report;
        }
    }

    private void UseData(RemoteTrainer data)
    {
        (_unmatched, _readAt) = (null, _time.GetUtcNow());
        _catalogue = ("", []); // so that it is told anew what of the data is not in it
        if (_newest is not null)
        {
            _offered = Task.WhenAll(_offered, Task.Run(() => _newest.UseAsync(data)));
        }
    }

    private async Task RefuseAsync(PartyOrder order, string reason, CancellationToken cancellationToken)
    {
        _folder.Releases.Add(new { at = _time.GetUtcNow(), what = "refusal", order.Update.Run, order.Update.Round, order.Update.Attempt, reason });
        Say($"{order.Update.Run}, {(order.Evaluation is null ? $"round {order.Update.Round}" : "evaluation")}: refused: {reason}");
        await (order.Evaluation is { } evaluation ? _client.RefuseEvaluationAsync(evaluation.Id, reason, cancellationToken) : _client.RefuseAsync(order, reason, cancellationToken));
    }

    private async Task SendAsync(PartyOrder order, byte[] update, CancellationToken cancellationToken)
    {
        var release = new Release(_time.GetUtcNow(), Release.Update, order.Update.Run, order.Update.Round, order.Update.Attempt, order.Request.Learner, _data.Trainer.Report.Users, update.Length,
            PartyStatements.Sha256(update), order.ModelSha256, order.CatalogueSha256, order.ConfigSha256, order.Request.Privacy?.Epsilon);
        _folder.Releases.Add(release); // before it is sent: what may have left the machine is in the log
        var receipt = await _client.SubmitAsync(order, update, cancellationToken);
        _folder.Releases.Add(new { at = _time.GetUtcNow(), what = "receipt", order.Update.Run, order.Update.Round, order.Update.Attempt, receipt.Outcome, sha256 = receipt.PayloadSha256 });
        Say($"{order.Update.Run}, round {order.Update.Round}: sent {update.Length:N0} bytes ({order.Request.Learner}, summed over {_data.Trainer.Report.Users:N0} users); {receipt.Outcome.ToString().ToLowerInvariant()}");
    }

    // A run has one catalogue for all its rounds.
    private async Task<byte[]> CatalogueAsync(PartyOrder order, CancellationToken cancellationToken)
    {
        if (_catalogue.Sha256 != order.CatalogueSha256)
        {
            _catalogue = (order.CatalogueSha256, await _client.FetchAsync(order.CatalogueSha256, cancellationToken));
            TellUnmatched(order, _catalogue.Bytes);
        }

        return _catalogue.Bytes;
    }

    private async Task<byte[]> ModelAsync(PartyOrder order, CancellationToken cancellationToken)
    {
        var model = _model.Sha256 == order.ModelSha256 ? _model.Bytes : await _client.FetchAsync(order.ModelSha256, cancellationToken);
        _model = order.Secure is { Step: SecureStep.Advertise } ? (order.ModelSha256, model) : ("", []);
        return model;
    }

    private void TellUnmatched(PartyOrder order, byte[] catalogue)
    {
        var unmatched = _data.Trainer.Unmatched(catalogue);
        _unmatched = unmatched.Count;
        _folder.WriteUnmatched(unmatched);
        if (unmatched.Count > 0)
        {
            Say($"note: {unmatched.Count:N0} items of the data are not in the catalogue of {order.Request.Federation}, and what was done with them is left out: {string.Join(", ", unmatched.Take(3))}{(unmatched.Count > 3 ? $", … ({_folder.UnmatchedPath})" : "")}");
        }
    }

    // Longer with each failure, and as long as a coordinator that has too much to do asks for.
    private static TimeSpan PauseAfter(Exception exception, int failures)
    {
        var own = TimeSpan.FromSeconds(Math.Min(s_longestPause.TotalSeconds, 1 << Math.Min(failures, 5)));
        return exception is PartyException { RetryAfter: { } asked } && asked > own ? (asked < s_longestAsked ? asked : s_longestAsked) : own;
    }

    // What was said last is not said again.
    private bool Say(string words)
    {
        if (words != _lastWords)
        {
            _say(words);
        }

        _lastWords = words;
        return true;
    }
}
