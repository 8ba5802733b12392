using System.Collections.Immutable;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Tests.Privacy.SecureAggregation;
using FedRec.Core.Updates;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Microsoft.Extensions.Logging.Abstractions;

namespace FedRec.Grains.Tests.Rounds;

/// <summary>The server's side of a masked round, with clients that say nothing, leave, or send what is not theirs.</summary>
public sealed class SecureCollectionTests
{
    private const int Clients = 5;
    private const int Quiet = 4; // of five, four are enough

    // Its timer is all that ends a step in which somebody says nothing; nobody waits for that one in a later step.
    [Theory]
    [InlineData(SecureStep.Advertise)]
    [InlineData(SecureStep.Share)]
    [InlineData(SecureStep.Consent)]
    public async Task Step_InWhichSomebodySaysNothing_IsEndedByItsTimer_AndTheOthersFinish(SecureStep step)
    {
        var subject = new Subject { Says = (asked, client) => client != Quiet || asked < step };

        await subject.Collection.BeginAsync();
        if (step < SecureStep.Mask)
        {
            subject.Due();
            subject.Submit(Enumerable.Range(0, Quiet));
        }
        else
        {
            subject.Submit(Enumerable.Range(0, Clients));
            subject.Due();
        }

        await subject.Changed.Task;
        Assert.Equal((RoundPhase.Aggregating, step < SecureStep.Mask ? Quiet : Clients), (subject.Round.Phase, subject.Round.Sum.Clients));
        Assert.Equal(1, subject.Expired);
    }

    [Fact]
    public async Task Client_ThatSendsNoUpdate_IsNotWaitedForWhenTheOthersUnmask()
    {
        var subject = new Subject();

        await subject.Collection.BeginAsync();
        subject.Submit(Enumerable.Range(0, Quiet));
        subject.Round.Expire(); // at the deadline of the round
        await subject.UnmaskAsync();

        await subject.Changed.Task;
        Assert.Equal((RoundPhase.Aggregating, Quiet, 0), (subject.Round.Phase, subject.Round.Sum.Clients, subject.Expired));
    }

    [Fact]
    public async Task Sum_OfUnmaskedUpdates_IsThatOfTheUpdates()
    {
        var subject = new Subject();

        await subject.Collection.BeginAsync();
        subject.Submit(Enumerable.Range(0, Clients));
        await subject.Changed.Task;

        var expected = new FixedPointSum(Subject.Length, subject.Round.Plan.Scale);
        foreach (var client in Enumerable.Range(0, Clients))
        {
            expected.Add(Subject.Update(client, subject.Round.Plan.Scale));
        }

        Assert.Equal(expected.Encoded.ToArray(), subject.Round.Partial.Encoded.ToArray());
    }

    [Fact]
    public async Task Receipt_OfAnotherTry_OrOfSomebodyElse_IsNotTaken()
    {
        var (subject, other) = (new Subject(), new Subject());
        await subject.Collection.BeginAsync();
        await other.Collection.BeginAsync();

        Assert.False(subject.Collection.TryReceive(other.MaskedOf(0)));
        Assert.True(subject.Collection.TryReceive(subject.MaskedOf(0)));
        Assert.False(new Subject().Collection.TryReceive(subject.MaskedOf(1))); // which has asked for no keys yet
    }

    [Fact]
    public async Task Answer_OfAnotherTry_IsOfNoUse_AndOneThatSaysItIsOfSomebodyElseIsRefused()
    {
        var subject = new Subject { Says = (_, _) => false };
        await subject.Collection.BeginAsync();
        var keys = subject.Answer(SecureStep.Advertise, 0, default);

        Assert.False(subject.Collection.Answer(new SecureAnswers(SecureStep.Advertise, new byte[32], [keys], [])));
        Assert.True(subject.Collection.Answer(new SecureAnswers(SecureStep.Advertise, subject.Session.Digest, [keys with { Client = 1 }, new SecureMessage(2, new byte[] { 9 })], [3, Quiet]))); // 0 is waited for still
        Assert.True(subject.Collection.Answer(new SecureAnswers(SecureStep.Advertise, subject.Session.Digest, [keys], [])));

        Assert.Equal(RoundPhase.Abandoned, subject.Round.Phase);
        Assert.Contains("Only 1 of 5 clients have advertised keys, where 4 are needed", subject.Round.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Silo_ThatIsLostBeforeUpdatesAreMasked_HasTheRoundBeginAgain_AsLongAsThatIsOfUse(bool isOfUse)
    {
        var subject = new Subject { Says = (_, client) => client != Quiet, MayTryAgain = isOfUse };
        await subject.Collection.BeginAsync();

        subject.Collection.Lose([Quiet]);

        Assert.Equal(1, subject.Tries);
        if (!isOfUse)
        {
            subject.Submit(Enumerable.Range(0, Quiet));
            await subject.Changed.Task;
            Assert.Equal((RoundPhase.Aggregating, Quiet), (subject.Round.Phase, subject.Round.Sum.Clients));
        }
    }

    [Fact]
    public async Task Weights_ThatAreNotThoseOfClientsThatCountAlike_AreNoSum()
    {
        var subject = new Subject { WeightOf = client => client == 0 ? 0.5 : 1 };

        await subject.Collection.BeginAsync();
        subject.Submit(Enumerable.Range(0, Clients));
        await subject.Changed.Task;

        Assert.Equal(RoundPhase.Abandoned, subject.Round.Phase);
        Assert.Contains("The weights of 5 clients that count alike come to 4.5", subject.Round.Reason, StringComparison.Ordinal);
    }

    /// <summary>A round whose clients answer within the call that asks them.</summary>
    private sealed class Subject
    {
        public const int Length = 3;
        private static readonly SecureMean s_mean = new(QuickSuite.Instance, "quick");
        private readonly Dictionary<int, SecureClient> _clients = [];
        private readonly Dictionary<int, MaskedInput> _masked = [];
        private Action? _due;
        private bool _isUnmasking;

        public Subject()
        {
            var plan = new RoundPlan(1, 0, [.. Enumerable.Range(0, Clients)], Clients, 2, Length) { Aggregator = s_mean, Rules = SecureRules.Instance };
            Round = new Round(plan);
            Round.Open();
            Session = new SecureRound(new RoundBinding(Guid.NewGuid().ToString(), "", "", "", ""), plan.Cohort.Select(client => new Participant(client, BitConverter.GetBytes(client))),
                new VectorPlan(Length, plan.Scale, 1, plan.Scale.Limit), suite: QuickSuite.Instance);
            var order = new RoundOrder
            {
                RunKey = "test/run-1",
                Round = 1,
                BaseVersion = 0,
                Clients = Clients,
                Seed = 1,
                UpdateLength = Length,
                ParameterBytes = 0,
                Durable = false,
                Settings = new RoundSettings { Deadline = TimeSpan.FromMinutes(4), Weighting = "uniform" },
            };
            Collection = new SecureCollection(order, Round, new SecureWays(() => Task.CompletedTask, () => Task.FromResult(Session), SendAsync, client => Round.Report(client, ClientState.Dropped), OnChanged, () =>
            {
                Tries++;
                return MayTryAgain;
            }, After), NullLogger.Instance);
        }

        public Round Round { get; }

        public SecureRound Session { get; }

        public SecureCollection Collection { get; }

        public Func<SecureStep, int, bool> Says { get; init; } = (_, _) => true;

        public Func<int, double> WeightOf { get; init; } = _ => 1;

        public bool MayTryAgain { get; init; }

        public int Tries { get; private set; }

        public int Expired { get; private set; }

        /// <summary>Done when the round has closed.</summary>
        public TaskCompletionSource Changed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Due()
        {
            Expired++;
            _due!();
        }

        public void Submit(IEnumerable<int> clients)
        {
            var updates = (MaskedUpdates)s_mean.Empty(Length, Round.Plan.Scale);
            int[] all = [.. clients];
            Array.ForEach(all, client => Assert.True(updates.TryAdd(_masked[client])));
            Assert.True(Collection.TryReceive(updates));
            Assert.Equal(SubmissionOutcome.Accepted, Round.Submit(new Submission(1, 0, all, updates)));
            OnChanged();
        }

        public MaskedUpdates MaskedOf(int client)
        {
            var updates = (MaskedUpdates)s_mean.Empty(Length, Round.Plan.Scale);
            Assert.True(updates.TryAdd(_masked[client]));
            return updates;
        }

        public Task UnmaskAsync()
        {
            OnChanged();
            return Task.CompletedTask;
        }

        public SecureMessage Answer(SecureStep step, int client, ReadOnlyMemory<byte> message) => new(client, step switch
        {
            SecureStep.Advertise => Value((_clients[client] = new SecureClient(Session, client, QuickSuite.Signer(BitConverter.GetBytes(client)))).Advertise()).Encode(),
            SecureStep.Share => Value(_clients[client].Share(Roll.Decode(message.Span))).Encode(),
            SecureStep.Consent => Value(_clients[client].Consent(Survivors.Decode(message.Span))).Encode(),
            _ => Value(_clients[client].Unmask(ConsentList.Decode(message.Span))).Encode(),
        });

        public static FixedPointSum Update(int client, SumScale scale, double weight = 1)
        {
            var (update, sum) = (new UpdateBuffer(), new FixedPointSum(Length, scale));
            update.Segment(0, Length).Fill(client + 0.25f);
            Assert.True(sum.TryAdd(update, weight, 0.5, 2));
            return sum;
        }

        private Task<IReadOnlyList<int>> SendAsync(SecureCall call)
        {
            var answers = ImmutableArray.CreateBuilder<SecureMessage>();
            foreach (var (client, message) in call.Messages.Where(one => Says(call.Step, one.Client)))
            {
                if (call.Step == SecureStep.Mask)
                {
                    _masked[client] = Value(_clients[client].Mask(ShareDelivery.Decode(message.Span), Update(client, Round.Plan.Scale, WeightOf(client))));
                }
                else
                {
                    answers.Add(Answer(call.Step, client, message));
                }
            }

            if (answers.Count > 0)
            {
                Collection.Answer(new SecureAnswers(call.Step, call.Session, answers.ToImmutable(), []));
            }

            return Task.FromResult<IReadOnlyList<int>>([]);
        }

        private void OnChanged()
        {
            if (Round.Phase == RoundPhase.Unmasking && !_isUnmasking)
            {
                _isUnmasking = true;
                _ = Collection.UnmaskAsync();
            }

            if (Round.Closed)
            {
                Changed.TrySetResult();
            }
        }

        private Timer After(TimeSpan after, Action act)
        {
            Assert.Equal(TimeSpan.FromMinutes(1), after);
            _due = act;
            return new Timer(_ => { });
        }

        private static T Value<T>(Outcome<T> outcome)
            where T : class
        {
            Assert.Null(outcome.Refusal);
            return outcome.Value!;
        }
    }
}
