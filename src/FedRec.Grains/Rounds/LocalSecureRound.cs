using System.Collections.Concurrent;
using FedRec.Contracts.Rounds;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Grains.Training;

namespace FedRec.Grains.Rounds;

/// <summary>One silo's clients in a round of secure aggregation: each has keys of its own, and trains once it knows whom it shares masks with.</summary>
/// <remarks>Nothing is kept of a client's update but its masked form in the silo's sum. Safe to call from many threads.</remarks>
/// <param name="round">The round, whose sum takes what is masked.</param>
/// <param name="run">The run.</param>
/// <param name="model">What is trained from.</param>
internal sealed class LocalSecureRound(LocalRound round, RunContext run, PreparedModel model) : IDisposable
{
    private readonly ConcurrentDictionary<int, Member> _members = new();
    private readonly ConcurrentDictionary<int, Func<SecureCall, Task>> _remote = new();
    private SecureRound? _session;

    /// <summary>Notes a client that was asked; it trains when it is delivered its neighbours' shares.</summary>
    public void Hold(int client, ClientData data, ClientData? counted) => _members[client] = new Member(data, counted);

    /// <summary>Notes a client with a process of its own, which was asked.</summary>
    public void Hold(int client, Func<SecureCall, Task> tell) => _remote[client] = tell;

    /// <summary>Has a client with a process of its own take a step; null for any other.</summary>
    public Func<SecureCall, Task>? RemoteOf(int client) => _remote.GetValueOrDefault(client);

    /// <summary>Whether a client was asked here, and is none with a process of its own.</summary>
    public bool Holds(int client) => _members.ContainsKey(client);

    /// <summary>Hash of all that is agreed on; empty before the first step.</summary>
    public ReadOnlyMemory<byte> Session => _session?.Digest ?? default;

    /// <summary>Looks at what a server says that the round is.</summary>
    /// <returns>False where this silo's clients are in another try of the round already.</returns>
    /// <exception cref="InvalidDataException">It is about something else than the clients were asked.</exception>
    public bool TryOpen(ReadOnlySpan<byte> description)
    {
        var session = SecureRounds.Read(run, round.Order.Round, model, description);
        var known = Interlocked.CompareExchange(ref _session, session, null);
        return known is null || known.Digest.Span.SequenceEqual(session.Digest.Span);
    }

    /// <summary>Has a client that was asked take a step, on the calling thread; failures are its own, and it goes away.</summary>
    /// <param name="slot">The training thread.</param>
    /// <param name="step">The step.</param>
    /// <param name="message">What the server tells it.</param>
    /// <returns>Its answer; empty when there is none as it went well, and null when it does not go on.</returns>
    public ReadOnlyMemory<byte>? Take(int slot, SecureStep step, SecureMessage message)
    {
        var (member, session) = (_members[message.Client], _session!);
        try
        {
            lock (member) // a step that was given up as it took too long may still be going on
            {
                return step == SecureStep.Mask ? Mask(slot, member, message) : Answer(member, step, message, session);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            round.Fail(message.Client, exception, slot);
            return null;
        }
        finally
        {
            EraseIfLeft(member);
        }
    }

    /// <summary>Erases the secrets of all clients.</summary>
    public void Dispose()
    {
        foreach (var member in _members.Values)
        {
            member.Leave();
            EraseIfLeft(member);
        }
    }

    // One that is at work erases them when it is done, and nobody waits for it.
    private static void EraseIfLeft(Member member)
    {
        if (member.HasLeft && Monitor.TryEnter(member))
        {
            try
            {
                member.Dispose();
            }
            finally
            {
                Monitor.Exit(member);
            }
        }
    }

    private ReadOnlyMemory<byte>? Mask(int slot, Member member, SecureMessage message)
    {
        var delivery = ShareDelivery.Decode(message.Bytes.Span);
        round.TrainMasked(slot, message.Client, member.Data, member.Counted, Session, own => member.Client!.Mask(delivery, own));
        return ReadOnlyMemory<byte>.Empty;
    }

    private ReadOnlyMemory<byte>? Answer(Member member, SecureStep step, SecureMessage message, SecureRound session) => step switch
    {
        SecureStep.Advertise => ValueOf(member.Begin(session, message.Client, run.IdentityOf(message.Client), run.Algorithm.Fewest(run.Learner.Recipe(model.Phase))).Advertise()).Encode(),
        SecureStep.Share => ValueOf(member.Client!.Share(Roll.Decode(message.Bytes.Span))).Encode(),
        SecureStep.Consent => ValueOf(member.Client!.Consent(Survivors.Decode(message.Bytes.Span))).Encode(),
        SecureStep.Unmask => ValueOf(member.Client!.Unmask(ConsentList.Decode(message.Bytes.Span))).Encode(),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    private static T ValueOf<T>(Outcome<T> outcome)
        where T : class => outcome.Value ?? throw new InvalidDataException(outcome.Refusal!.Text);

    private sealed class Member(ClientData data, ClientData? counted) : IDisposable
    {
        private IIdentity? _identity;
        private volatile bool _hasLeft;

        /// <summary>Whether the round is over for it.</summary>
        public bool HasLeft => _hasLeft;

        /// <summary>The round is over for it.</summary>
        public void Leave() => _hasLeft = true;

        public ClientData Data => data;

        public ClientData? Counted => counted;

        public SecureClient? Client { get; private set; }

        public SecureClient Begin(SecureRound session, int number, IIdentity identity, int fewest)
        {
            if (!session.Numbers.Contains(number) || !session.IdentityOf(number).Span.SequenceEqual(identity.PublicKey.Span))
            {
                identity.Dispose();
                throw new InvalidDataException($"The round of secure aggregation has another key of client {number} than the silo has, or leaves it out: do all silos have the same secret key (FedRec:Privacy:KeyFile)?");
            }

            _identity = identity;
            return Client = new SecureClient(session, number, identity) { Fewest = fewest };
        }

        public void Dispose()
        {
            Client?.Dispose();
            _identity?.Dispose();
        }
    }
}
