using System.Collections.Immutable;
using CsCheck;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Federation;

/// <summary>The state machine of a round beside a model of it in sets. Whatever is submitted, repeated, dropped, late or lost in a crash, in whatever
/// order, and whichever rules it has: both give the same answers, phases and counts, and the same bytes.</summary>
public sealed class RoundModelTests
{
    private const int Cohort = 6;
    private const int Goal = 4;
    private const int Quorum = 2;
    private const int Length = 2;
    private const long Version = 7;

    private static readonly Gen<int> s_client = Gen.Int[-1, Cohort]; // one on each side was not asked

    private static readonly Gen<Event> s_event = Gen.Frequency(
        (8, Gen.Select(s_client.Array[0, 3], Gen.Int[0, 5]).Select((clients, kind) => (Event)new Submitted(clients, 1, kind == 5 ? Version - 1 : Version, kind == 4 ? Length + 1 : Length))),
        (1, s_client.Select(client => (Event)new Submitted([client], 2, Version, Length))),
        (4, Gen.Select(s_client, Gen.Enum<ClientState>().Where(state => state is not (ClientState.Outstanding or ClientState.Counted))).Select((client, state) => (Event)new Reported(client, state))),
        (2, Gen.Const((Event)new Unmasked())),
        (1, Gen.Const((Event)new Expired())),
        (1, Gen.Const((Event)new Kept())),
        (1, Gen.Const((Event)new Crashed())));

    public static TheoryData<Kind> Kinds => [.. Enum.GetValues<Kind>()];

    /// <summary>The rules that are tried: those of the product, and two that show that the machine is open for what it does not have yet.</summary>
    public enum Kind
    {
        Synchronous,
        Buffered,
        Secure,
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AnyEvents_LeaveTheRoundAsTheModelSays(Kind kind) => s_event.Array[0, 60].Sample(
        events =>
        {
            var (subject, model) = (new Subject(kind), new Model(kind));
            foreach (var happened in events)
            {
                Assert.Equal(model.Apply(happened), subject.Apply(happened));
                Assert.Equal(model.Describe(), subject.Describe());
            }
        },
        iter: 3_000);

    private abstract record Event;

    private sealed record Submitted(int[] Clients, int Round, long BaseVersion, int Length) : Event;

    private sealed record Reported(int Client, ClientState State) : Event;

    private sealed record Unmasked : Event;

    private sealed record Expired : Event;

    private sealed record Kept : Event;

    private sealed record Crashed : Event;

    private static float Value(int client) => MathF.ScaleB(1 + client, -1);

    /// <summary>The machine itself, driven as a round grain drives it: what was kept is counted again after a crash.</summary>
    private sealed class Subject
    {
        private readonly RoundPlan _plan;
        private Round _round;
        private (int[] Clients, IPartial Partial)? _kept;

        public Subject(Kind kind)
        {
            IRoundRules rules = kind switch { Kind.Buffered => new BufferedRules(), Kind.Secure => new SecureRules(), _ => SynchronousRules.Instance };
            _plan = new RoundPlan(1, Version, [.. Enumerable.Range(0, Cohort)], Goal, Quorum, Length) { Rules = rules };
            _round = Begin();
        }

        public SubmissionOutcome? Apply(Event happened)
        {
            switch (happened)
            {
                case Submitted offered: return _round.Submit(new Submission(offered.Round, offered.BaseVersion, offered.Clients, Sum(offered.Clients, offered.Length)));
                case Reported report: _round.Report(report.Client, report.State); break;
                case Unmasked when _round.Phase == RoundPhase.Unmasking: _round.Unmask(_round.Partial); break;
                case Expired: _round.Expire(); break;
                case Kept when !_round.Closed: _kept = ([.. _round.Clients(ClientState.Counted)], Copy(_round.Partial)); break;
                case Crashed when _round.Phase is not RoundPhase.Abandoned: _round = Begin(); break;
            }

            return null;
        }

        public string Describe() => Line(
            _round.Phase, _round.Clients(ClientState.Counted), _round.Clients(ClientState.Dropped), _round.Clients(ClientState.Straggling), _round.Clients(ClientState.Rejected), _round.Sum.Values, _round.Reason);

        private Round Begin()
        {
            var round = new Round(_plan);
            round.Open();
            if (_kept is { Clients.Length: > 0 } kept)
            {
                Assert.Equal(SubmissionOutcome.Accepted, round.Submit(new Submission(1, Version, kept.Clients, kept.Partial)));
            }

            return round;
        }

        private static IPartial Copy(IPartial partial)
        {
            IPartial copy = new FixedPointSum(Length, partial.Totals.Scale);
            copy.Merge(partial);
            return copy;
        }

        private FixedPointSum Sum(int[] clients, int length)
        {
            var (sum, buffer) = (new FixedPointSum(length, _plan.Scale), new UpdateBuffer());
            foreach (var client in clients)
            {
                buffer.Clear();
                buffer.Segment(0, 1)[0] = Value(client);
                Assert.True(sum.TryAdd(buffer, 1, 0, 1));
            }

            return sum;
        }
    }

    /// <summary>What should happen, in sets and words.</summary>
    private sealed class Model(Kind kind)
    {
        private readonly SortedDictionary<int, ClientState> _fates = [];
        private SortedSet<int> _counted = [];
        private ImmutableArray<int> _kept = [];
        private RoundPhase _phase = RoundPhase.Collecting;
        private string? _reason;

        public SubmissionOutcome? Apply(Event happened)
        {
            switch (happened)
            {
                case Submitted offered:
                    return Submit(offered);
                case Reported report when _phase == RoundPhase.Collecting && report.Client is >= 0 and < Cohort && !_counted.Contains(report.Client)
                    && _fates.GetValueOrDefault(report.Client, ClientState.Straggling) == ClientState.Straggling:
                    _fates[report.Client] = report.State;
                    Conclude(isExpired: false);
                    break;
                case Unmasked when _phase == RoundPhase.Unmasking:
                    _phase = RoundPhase.Aggregating;
                    break;
                case Expired when _phase is RoundPhase.Collecting or RoundPhase.Unmasking:
                    Conclude(isExpired: true);
                    break;
                case Kept when _phase is RoundPhase.Collecting or RoundPhase.Unmasking:
                    _kept = [.. _counted];
                    break;
                case Crashed when _phase != RoundPhase.Abandoned:
                    (_counted, _phase) = ([.. _kept], RoundPhase.Collecting);
                    _fates.Clear();
                    if (_counted.Count > 0)
                    {
                        Conclude(isExpired: false);
                    }

                    break;
            }

            return null;
        }

        public string Describe() => Line(
            _phase, _counted, Of(ClientState.Dropped), Of(ClientState.Straggling), Of(ClientState.Rejected), [FixedPoint.Encode(_counted.Sum(client => (double)Value(client))), 0], _reason);

        private IEnumerable<int> Of(ClientState state) => _fates.Where(fate => fate.Value == state).Select(fate => fate.Key);

        private SubmissionOutcome Submit(Submitted offered)
        {
            var isFresh = kind == Kind.Buffered ? offered.BaseVersion is Version or Version - 1 : (offered.Round, offered.BaseVersion) == (1, Version);
            var firstBad = offered.Clients.Select((client, i) => client is < 0 or >= Cohort ? SubmissionOutcome.NotInvited
                : _counted.Contains(client) ? SubmissionOutcome.Duplicate
                : offered.Clients.AsSpan(0, i).Contains(client) ? SubmissionOutcome.Malformed : SubmissionOutcome.Accepted).FirstOrDefault(outcome => outcome != SubmissionOutcome.Accepted);
            var outcome = !isFresh ? SubmissionOutcome.Stale
                : _phase != RoundPhase.Collecting ? SubmissionOutcome.Late
                : offered.Length != Length ? SubmissionOutcome.WrongShape
                : offered.Clients.Length == 0 ? SubmissionOutcome.Malformed
                : firstBad;
            if (outcome == SubmissionOutcome.Accepted)
            {
                _counted.UnionWith(offered.Clients);
                foreach (var client in offered.Clients)
                {
                    _fates.Remove(client);
                }

                Conclude(isExpired: false);
            }

            return outcome;
        }

        private void Conclude(bool isExpired)
        {
            var waiting = Cohort - _counted.Count - _fates.Count;
            var isCollected = _counted.Count >= Goal || ((isExpired || waiting == 0) && _counted.Count >= Quorum);
            _phase = kind switch
            {
                Kind.Buffered => _counted.Count >= Goal ? RoundPhase.Aggregating : _phase, // waits for as long as it takes
                Kind.Secure when _phase == RoundPhase.Unmasking => isExpired ? RoundPhase.Abandoned : _phase,
                Kind.Secure when isCollected => RoundPhase.Unmasking,
                _ when isCollected => RoundPhase.Aggregating,
                _ => isExpired || waiting == 0 ? RoundPhase.Abandoned : _phase,
            };
            _reason = _phase != RoundPhase.Abandoned ? null
                : kind == Kind.Secure && _counted.Count >= Quorum ? $"too few of {_counted.Count} clients have given away at the deadline what unmasks their sum"
                : $"quorum not met {(isExpired ? "at the deadline" : "with nobody left to wait for")}: {_counted.Count} of at least {Quorum} updates, {Of(ClientState.Dropped).Count()} dropped, "
                    + $"{Of(ClientState.Straggling).Count() + waiting} late, {Of(ClientState.Rejected).Count()} rejected";
        }
    }

    private static string Line(
        RoundPhase phase, IEnumerable<int> counted, IEnumerable<int> dropped, IEnumerable<int> straggling, IEnumerable<int> rejected, ReadOnlySpan<long> sum, string? reason) =>
        $"{phase}; counted {string.Join(' ', counted)}; dropped {string.Join(' ', dropped)}; late {string.Join(' ', straggling)}; rejected {string.Join(' ', rejected)}; sum {string.Join(' ', sum.ToArray())}; {reason}";

    /// <summary>Closes at the goal and never before, and takes in what was trained from the version before.</summary>
    private sealed class BufferedRules : IRoundRules
    {
        public bool Admits(RoundPlan plan, int round, long baseVersion) => plan.BaseVersion - baseVersion is 0 or 1;

        public RoundDecision Decide(RoundPlan plan, RoundPhase phase, RoundTally tally) => new(tally.Counted >= plan.ReportGoal ? RoundPhase.Aggregating : phase);
    }
}
