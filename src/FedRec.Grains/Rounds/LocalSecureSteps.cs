using System.Collections.Immutable;
using FedRec.Contracts.Rounds;
using FedRec.Grains.Training;

namespace FedRec.Grains.Rounds;

/// <summary>Has a silo's clients take the steps of secure aggregation on its training threads, and tells their rounds what they answer.</summary>
internal sealed partial class LocalSecureSteps(LocalAggregation aggregation, IAnswerSink sink, WorkerPools pools, ILogger<LocalSecureSteps> log)
{
    private readonly LocalAggregation _aggregation = aggregation;
    private readonly IAnswerSink _sink = sink;
    private const int MostAnswers = 64; // in one message, so that a round is told before all have answered

    /// <summary>Queues a step of some clients.</summary>
    /// <returns>False when this silo knows nothing of the round, or of this try of it: its clients have to be asked anew.</returns>
    public bool TakeStep(SecureCall call)
    {
        var rounds = _aggregation.RoundsOf(call.RunKey, call.Round).Where(round => round.Secure is not null).ToArray();
        var open = rounds.Where(round => IsOpen(round, call)).ToArray();
        if (open.Length == 0)
        {
            _aggregation.Forget(call.RunKey, call.Round); // of a try that is over
            return false;
        }

        var steps = call.Messages.Select(message => (Message: message, Round: Array.Find(open, one => one.Region == GrainKeys.RegionOf(message.Client, one.Run.Request.Rounds.Regions ?? 0)) ?? open[0])).ToLookup(one =>
            one.Round.Secure!.RemoteOf(one.Message.Client) is null);
        foreach (var (message, round) in steps[false])
        {
            _ = TellAsync(round.Secure!.RemoteOf(message.Client)!, call with { Messages = [message] });
        }

        var answers = new Answers(this, call, steps[true].Count());
        foreach (var (message, round) in steps[true])
        {
            pools.Training.Post(new Step(this, round, answers, message));
        }

        return true;
    }

    private async Task TellAsync(Func<SecureCall, Task> tell, SecureCall call)
    {
        try
        {
            await tell(call);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException) // the twin is gone, or was told of another round than it has: the round goes on without the party
        {
            LogNotTold(call.RunKey, call.Round, call.Messages[0].Client, exception);
            await _sink.AnswerAsync(call.RunKey, call.Round, new SecureAnswers(call.Step, call.Session, [], [call.Messages[0].Client]));
        }
    }

    private bool IsOpen(LocalRound round, SecureCall call)
    {
        try
        {
            return call.Description.IsEmpty ? round.Secure!.Session.Span.SequenceEqual(call.Session.Span) : round.Secure!.TryOpen(call.Description.Span);
        }
        catch (InvalidDataException exception)
        {
            LogRefused(call.RunKey, call.Round, exception);
            return false;
        }
    }

    private sealed class Step(LocalSecureSteps owner, LocalRound round, Answers answers, SecureMessage message) : IWork
    {
        public void Execute(int slot)
        {
            var isHeld = !round.IsForgotten && round.Secure!.Holds(message.Client);
            var answer = isHeld ? round.Secure!.Take(slot, answers.Step, message) : null;
            if (isHeld && (answers.Step == SecureStep.Mask || (answer is null && answers.Step < SecureStep.Mask)))
            {
                owner._aggregation.Leave(round); // it is in the sum, or is waited for no longer
            }

            answers.Add(message.Client, answer);
        }
    }

    // What clients have answered to one call so far.
    private sealed class Answers(LocalSecureSteps owner, SecureCall call, int count)
    {
        private readonly Lock _gate = new();
        private readonly ImmutableArray<SecureMessage>.Builder _messages = ImmutableArray.CreateBuilder<SecureMessage>();
        private readonly ImmutableArray<int>.Builder _failed = ImmutableArray.CreateBuilder<int>();
        private int _left = count;

        public SecureStep Step => call.Step;

        public void Add(int client, ReadOnlyMemory<byte>? answer)
        {
            SecureAnswers? full = null;
            lock (_gate)
            {
                if (answer is null)
                {
                    _failed.Add(client);
                }
                else if (answer is { IsEmpty: false } message)
                {
                    _messages.Add(new SecureMessage(client, message));
                }

                if (--_left == 0 || _messages.Count + _failed.Count >= MostAnswers)
                {
                    full = new SecureAnswers(call.Step, call.Session, _messages.DrainToImmutable(), _failed.DrainToImmutable());
                }
            }

            if (full is { Messages.IsEmpty: false } or { Failed.IsEmpty: false })
            {
                _ = owner._sink.AnswerAsync(call.RunKey, call.Round, full);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: client {Client}, a party, is not told of a step of secure aggregation")]
    private partial void LogNotTold(string run, int round, int client, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: the clients of this silo take no part in its secure aggregation")]
    private partial void LogRefused(string run, int round, Exception exception);
}
