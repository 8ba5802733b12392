using FedRec.Contracts.Clients;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.RemoteParties;

/// <summary>What becomes of what a party is asked: it sends an update, which is counted once, or it refuses, and says why.</summary>
/// <remarks>An update is noted as offered, with its hash and its signature, before its round sees it: whatever crashes then, other bytes are not taken for the same attempt, and a round counts no client twice.</remarks>
/// <param name="ledger">What is stored of the party.</param>
/// <param name="orders">What it is asked for now.</param>
/// <param name="identity">By which keys it is known.</param>
/// <param name="services">What all twins share.</param>
/// <param name="federation">The federation.</param>
/// <param name="runOf">The grain of a run.</param>
internal sealed class PartySettlement(PartyLedger ledger, PartyOrders orders, PartyIdentity identity, RemoteServices services, string federation, Func<string, IRunGrain> runOf)
{
    private Guid _refusedEvaluation; // the last one

    private PartyState State => ledger.State;

    /// <summary>Checks an update that is all there, and offers it to its round. The same update again gets the same receipt.</summary>
    public async Task<PartySubmission> SubmitAsync(PartyUpload sent, ReadOnlyMemory<byte> signature)
    {
        var sha256 = PartyStatements.Sha256(sent.Bytes);
        if (State.ReceiptOf(sent.Update) is { } before && (before.PayloadSha256 != sha256 || before.Outcome != PartyOutcome.Offered))
        {
            return before.PayloadSha256 == sha256 ? new PartySubmission(null, before) : new PartySubmission(PartyUpdateFault.OtherBytes, null);
        }

        if (State.Training?.Update != sent.Update || State.Standing != PartyStanding.Active || await orders.TrainingAsync() is not { } asked)
        {
            return new PartySubmission(PartyUpdateFault.NotAsked, null);
        }

        var signer = identity.SignerOf(State, asked.Order, sha256, signature.Span);
        if (signer.IsEmpty)
        {
            return new PartySubmission(PartyUpdateFault.NotSigned, null);
        }

        PartialSum update;
        try
        {
            update = orders.Read(asked, sent.Memory);
        }
        catch (InvalidDataException)
        {
            return new PartySubmission(PartyUpdateFault.Unreadable, null);
        }

        var now = services.Time.GetUtcNow();
        return await OfferAsync(asked, update, new PartyReceipt(sent.Update, sha256, PartyOutcome.Offered, sent.Bytes.Length, now), SignedUpdate.Of(asked.Order, sha256, signer, signature, now));
    }

    /// <inheritdoc cref="IPartyGrain.RefuseAsync"/>
    public async Task<bool> RefuseAsync(PartyUpdateId update, string reason)
    {
        if (State.ReceiptOf(update) is not null && await orders.LeaveAsync(update))
        {
            return true; // what it has sent stays in the sum, and the others unmask it
        }

        if (State.Training?.Update != update || State.ReceiptOf(update) is not null || await orders.TrainingAsync() is not { } asked)
        {
            return State.KeptRefusals.Any(noted => noted.Update == update && !noted.OfEvaluation); // again, for whoever has not heard the answer
        }

        var refusal = new PartyRefusal(update, PartyRefusal.Kept(reason), services.Time.GetUtcNow());
        services.LogRefused(asked.Training.Order.RunKey, update.Round, asked.Training.Client, refusal.Reason);
        await DropTrainingAsync(refusal);
        return true;
    }

    /// <inheritdoc cref="IPartyGrain.RefuseEvaluationAsync"/>
    public async Task<bool> RefuseEvaluationAsync(Guid evaluation, string reason)
    {
        if (_refusedEvaluation == evaluation || orders.EvaluationOf(evaluation) is not { } asked)
        {
            return _refusedEvaluation == evaluation; // again, for whoever has not heard the answer
        }

        var (refusal, runKey) = (new PartyRefusal(asked.Update, PartyRefusal.Kept(reason), services.Time.GetUtcNow()) { OfEvaluation = true }, GrainKeys.Run(federation, asked.Update.Run));
        services.LogRefused(runKey, asked.Update.Round, asked.Client, refusal.Reason);
        await ledger.WriteAsync(State with { Refused = State.Refused + 1, Runs = PartyRun.WithRefusal(State.Runs, asked.Update), Refusals = PartyRefusal.With(State.Refusals, refusal) });
        _refusedEvaluation = evaluation;
        await runOf(runKey).NoteRefusalAsync(asked.Update.Round, State.Invitation!.Name, $"an evaluation: {refusal.Reason}"); // before it ends
        await orders.EvaluatedAsync(evaluation, sums: default, users: 0);
        return true;
    }

    /// <inheritdoc cref="IPartyTwin.TrainAsync"/>
    public async Task<TrainReceipt> TrainAsync(TrainOrder order, int client)
    {
        if (State.Standing != PartyStanding.Active)
        {
            ledger.NoteTurnedAway();
            await services.DropAsync(order, client);
            return services.Receipt;
        }

        var training = State.Next(order, client);
        if (training != State.Training)
        {
            await ledger.WriteAsync(State with { Training = training });
        }

        await orders.AskAsync(training);
        return services.Receipt;
    }

    private async Task<PartySubmission> OfferAsync(AskedTraining asked, PartialSum update, PartyReceipt offered, SignedUpdate signed)
    {
        await ledger.WriteAsync(await ledger.Signatures.OfferedAsync(State.With(offered), signed));
        var outcome = await services.OfferAsync(asked, update);
        if (outcome is null)
        {
            return new PartySubmission(PartyUpdateFault.NoAnswer, null);
        }

        orders.EndMasking();
        var receipt = offered with { Outcome = outcome.Value, At = services.Time.GetUtcNow() };
        await ledger.WriteAsync(await ledger.Signatures.SettledAsync(State.With(receipt), isCounted: outcome == PartyOutcome.Counted));
        return new PartySubmission(null, receipt);
    }

    /// <summary>Ends the training that is asked, so that its round need not wait.</summary>
    /// <param name="refusal">Why the party does not do it; null where it may not.</param>
    public async Task DropTrainingAsync(PartyRefusal? refusal = null)
    {
        if (State.Training is not { } training)
        {
            return;
        }

        await ledger.WriteAsync(State with
        {
            Training = null,
            Refused = State.Refused + 1,
            Runs = PartyRun.WithRefusal(State.Runs, training.Update),
            Refusals = refusal is null ? State.KeptRefusals : PartyRefusal.With(State.Refusals, refusal),
        });
        orders.Forget();
        if (refusal is not null)
        {
            await runOf(training.Order.RunKey).NoteRefusalAsync(training.Update.Round, State.Invitation!.Name, refusal.Reason); // before its round ends by it
        }

        await services.DropAsync(training.Order, training.Client);
    }

    /// <summary>The largest that an update may be; 0 when it is not asked for.</summary>
    public async Task<long> MostBytesOfAsync(PartyUpdateId update) =>
        State.ReceiptOf(update)?.Bytes ?? (State.Training?.Update == update && await orders.TrainingAsync() is { } asked ? asked.MostBytes : 0);
}
