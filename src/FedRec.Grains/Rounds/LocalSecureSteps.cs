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

        var answers = new Answers(this, call);
        foreach (var message in call.Messages)
        {
            var round = open.FirstOrDefault(one => one.Region == GrainKeys.RegionOf(message.Client, one.Run.Request.Rounds.Regions ?? 0)) ?? open[0];
            pools.Training.Post(new Step(this, round, answers, message));
        }

        return true;
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
    private sealed class Answers(LocalSecureSteps owner, SecureCall call)
    {
        private readonly Lock _gate = new();
        private readonly ImmutableArray<SecureMessage>.Builder _messages = ImmutableArray.CreateBuilder<SecureMessage>();
        private readonly ImmutableArray<int>.Builder _failed = ImmutableArray.CreateBuilder<int>();
        private int _left = call.Messages.Length;

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

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: the clients of this silo take no part in its secure aggregation")]
    private partial void LogRefused(string run, int round, Exception exception);
}
