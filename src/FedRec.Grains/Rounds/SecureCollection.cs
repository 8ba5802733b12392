using FedRec.Contracts.Rounds;
using FedRec.Core.Federation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Grains.Training;

namespace FedRec.Grains.Rounds;

/// <summary>What a round does with the world that it is collected in.</summary>
/// <param name="AskAsync">Asks the clients that are waited for to take part: from then on their silos hold them.</param>
/// <param name="PlanAsync">Plans secure aggregation for the round's cohort, with a name and randomness that were not used before.</param>
/// <param name="SendAsync">Has the silos of some clients tell them; gives back whoever was not reached.</param>
/// <param name="Dropped">A client does not go on.</param>
/// <param name="Changed">The round may have closed, or have to be unmasked.</param>
/// <param name="TryAgain">Begins the round again with other keys; false when that is no use any more.</param>
/// <param name="After">Calls back once after a time, until it is disposed of.</param>
internal sealed record SecureWays(
    Func<Task> AskAsync, Func<Task<SecureRound>> PlanAsync, Func<SecureCall, Task<IReadOnlyList<int>>> SendAsync, Action<int> Dropped, Action Changed, Func<bool> TryAgain, Func<TimeSpan, Action, IDisposable> After);

/// <summary>The server's side of one try of a round of secure aggregation: asks for step after step, and takes the masks out in the end.</summary>
/// <remarks>Used on the round grain's scheduler only. It learns whose update is in the sum, and what all of them come to. Whoever does not answer a step in a quarter of the round's deadline goes away; the round goes on with
/// the others as long as there are enough.</remarks>
internal sealed partial class SecureCollection(RoundOrder order, Round round, SecureWays ways, ILogger log)
{
    private readonly HashSet<int> _waiting = [];
    private SecureRound? _session; // set with the first step, like the server
    private SecureServer? _server;
    private SecureStep? _step; // that answers are awaited of
    private IDisposable? _timer;
    private bool _hasLost;

    /// <summary>Asks clients to take part, and whoever was reached for its keys.</summary>
    public Task BeginAsync() => OrAbandonAsync(async () =>
    {
        await ways.AskAsync();
        var session = await ways.PlanAsync();
        if (!round.Closed)
        {
            (_session, _server) = (session, new SecureServer(session));
            await AskAsync(SecureStep.Advertise, round.Clients(Core.Federation.ClientState.Outstanding).Select(client => new SecureMessage(client, default)), session.Encode());
        }
    });

    /// <summary>Takes answers to a step.</summary>
    /// <returns>False where they are of another try.</returns>
    public bool Answer(SecureAnswers answers)
    {
        if (_session is null || !_session.Digest.Span.SequenceEqual(answers.Session.Span))
        {
            return false;
        }

        if (answers.Step == _step)
        {
            foreach (var message in answers.Messages)
            {
                Accept(message);
                _waiting.Remove(message.Client);
            }

            _waiting.ExceptWith(answers.Failed);
            GoOnIfAnswered();
        }

        return true;
    }

    /// <summary>Takes the receipts of updates that are to be added to the sum.</summary>
    /// <returns>False, so that nothing may be added, where one is not what its client has signed for this try.</returns>
    public bool TryReceive(MaskedUpdates updates)
    {
        var refusal = updates.Receipts.Select(receipt => _server?.Accept(receipt) ?? (_server is null ? new Refusal(RefusalReason.OutOfOrder, receipt.Number, "No keys were asked for yet.") : null))
            .FirstOrDefault(refusal => refusal is not null);
        if (refusal is not null)
        {
            LogRefused(order.RunKey, order.Round, refusal.Number, refusal.Text);
        }

        return refusal is null;
    }

    /// <summary>Notes that clients' silo is gone: before updates are masked the round begins again, so that they count; afterwards it can do without them.</summary>
    public void Lose(IReadOnlyCollection<int> clients)
    {
        if (clients.Count == 0)
        {
            return;
        }

        _hasLost = true;
        if (round.Phase == RoundPhase.Collecting && ways.TryAgain())
        {
            return;
        }

        foreach (var client in clients)
        {
            ways.Dropped(client);
        }

        _waiting.ExceptWith(clients);
        GoOnIfAnswered();
    }

    /// <summary>Waits no longer for clients that do not go on.</summary>
    public void Leave(IReadOnlyCollection<int> clients)
    {
        if (clients.Count > 0)
        {
            _waiting.ExceptWith(clients);
            GoOnIfAnswered();
        }
    }

    /// <summary>Asks whoever is in the sum to unmask it.</summary>
    public Task UnmaskAsync() => OrAbandonAsync(() => NextAsync(_server!.EndCollecting(((MaskedUpdates)round.Partial).Sum.Clients), SecureStep.Consent, _ => _server.Survivors.Encode()));

    /// <summary>Waits for nothing more.</summary>
    public void Stop()
    {
        _timer?.Dispose();
        (_timer, _step) = (null, null);
    }

    private async Task AskAsync(SecureStep step, IEnumerable<SecureMessage> messages, ReadOnlyMemory<byte> description = default)
    {
        SecureMessage[] all = [.. messages];
        _step = step;
        _waiting.Clear(); // of those that were to send an update and have not
        _waiting.UnionWith(all.Select(message => message.Client));
        _timer?.Dispose();
        _timer = step == SecureStep.Mask ? null : ways.After(order.Settings.Deadline / 4, () => Expire(step)); // updates have all of the deadline
        var lost = await ways.SendAsync(new SecureCall(order.RunKey, order.Round, step, _session!.Digest, [.. all], description));
        if (_step == step)
        {
            Lose(lost);
            GoOnIfAnswered();
        }
    }

    private void Expire(SecureStep step)
    {
        if (_step == step)
        {
            LogSilent(order.RunKey, order.Round, step, _waiting.Count);
            _waiting.Clear();
            GoOnIfAnswered();
        }
    }

    private void GoOnIfAnswered()
    {
        if (_step is { } step && step != SecureStep.Mask && (_waiting.Count == 0 || (step == SecureStep.Unmask && _server!.CanFinish)))
        {
            _waiting.Clear();
            _ = GoOnAsync(step);
        }
    }

    private Task GoOnAsync(SecureStep step) => OrAbandonAsync(() =>
    {
        Stop();
        return step switch
        {
            SecureStep.Advertise => NextAsync(_server!.EndAdvertising(), SecureStep.Share, client => _server.RollOf(client).Encode()),
            SecureStep.Share => NextAsync(_server!.EndSharing(), SecureStep.Mask, client => _server.DeliveryOf(client).Encode()),
            SecureStep.Consent => NextAsync(_server!.EndConsenting(), SecureStep.Unmask, client => _server.ConsentsOf(client).Encode()),
            _ => FinishAsync(),
        };
    });

    // Such as too few clients to be hidden in a sum, or a silo without a key.
    private async Task OrAbandonAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogFailed(order.RunKey, order.Round, exception);
            round.Abandon($"secure aggregation: {exception.Message}");
            ways.Changed();
        }
    }

    private Task NextAsync(Refusal? refusal, SecureStep next, Func<int, byte[]> messageTo)
    {
        if (refusal is not null)
        {
            Fail(refusal);
            return Task.CompletedTask;
        }

        if (round.Phase == RoundPhase.Collecting)
        {
            foreach (var client in round.Clients(Core.Federation.ClientState.Outstanding).Except(_server!.Expected).ToArray())
            {
                ways.Dropped(client);
            }
        }

        return round.Closed ? Task.CompletedTask : AskAsync(next, _server!.Expected.Select(client => new SecureMessage(client, messageTo(client))));
    }

    private async Task FinishAsync()
    {
        var masked = (MaskedUpdates)round.Partial;
        var outcome = await Task.Run(() => _server!.Finish(masked.Sum)); // masks as long as the model, for each who went away as many as there are clients
        foreach (var finding in _server!.Findings)
        {
            LogFinding(order.RunKey, order.Round, finding.Number, finding.Kind);
        }

        if (outcome.Value is { } uneven && order.Settings.Weighting == "uniform" && uneven.Weight != uneven.Clients * uneven.Scale.Encode(1))
        {
            outcome = new Refusal(RefusalReason.TooLarge, null, $"The weights of {uneven.Clients} clients that count alike come to {uneven.Scale.Decode(uneven.Weight)}: one of them has sent what no update is. Nothing of it is used.");
        }

        if (outcome.Value is { } sum && round.Phase == RoundPhase.Unmasking)
        {
            round.Unmask(sum);
            masked.Release();
            ways.Changed();
        }
        else if (outcome.Refusal is { } refusal)
        {
            Fail(refusal);
        }
    }

    private void Fail(Refusal refusal)
    {
        Stop();
        if (!_hasLost || !ways.TryAgain())
        {
            round.Abandon($"secure aggregation: {refusal.Text}");
            ways.Changed();
        }
    }

    private void Accept(SecureMessage message)
    {
        Refusal? refusal;
        try
        {
            refusal = _step switch
            {
                SecureStep.Advertise => Advertisement.Decode(message.Bytes.Span) is var keys && keys.Number == message.Client ? _server!.Accept(keys) : NotOwn(message),
                SecureStep.Share => SealedShares.Decode(message.Bytes.Span) is var shares && shares.Number == message.Client ? _server!.Accept(shares) : NotOwn(message),
                SecureStep.Consent => Consent.Decode(message.Bytes.Span) is var consent && consent.Number == message.Client ? _server!.Accept(consent) : NotOwn(message),
                SecureStep.Unmask => UnmaskShares.Decode(message.Bytes.Span) is var shown && shown.Number == message.Client ? _server!.Accept(shown) : NotOwn(message),
                _ => null,
            };
        }
        catch (InvalidDataException exception)
        {
            refusal = new Refusal(RefusalReason.WrongShape, message.Client, exception.Message);
        }

        if (refusal is not null)
        {
            LogRefused(order.RunKey, order.Round, message.Client, refusal.Text);
        }
    }

    private static Refusal NotOwn(SecureMessage message) => new(RefusalReason.Contradiction, message.Client, $"A message of client {message.Client} says that it is of another one.");

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: a message of secure aggregation of client {Client} is refused: {Why}")]
    private partial void LogRefused(string run, int round, int? client, string why);

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: {Clients} clients have not answered step {Step} of secure aggregation in time")]
    private partial void LogSilent(string run, int round, SecureStep step, int clients);

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: client {Client} did not keep to secure aggregation: {Finding}")]
    private partial void LogFinding(string run, int round, int client, FindingKind finding);

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: secure aggregation failed")]
    private partial void LogFailed(string run, int round, Exception exception);
}
