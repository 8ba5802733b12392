using FedRec.Core.Aggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>A round of secure aggregation whose server and clients are in one process: it shows what comes out, and protects from nobody.</summary>
public sealed class SecureExchange : IDisposable
{
    private readonly SecureServer _server;
    private readonly SortedDictionary<int, SecureClient> _clients = [];
    private readonly List<IIdentity> _identities = [];

    /// <summary>A round of clients with fresh keys, as far as vectors are asked for: nobody has gone away yet.</summary>
    /// <param name="suite">How keys are agreed on and statements signed.</param>
    /// <param name="binding">What it is about.</param>
    /// <param name="numbers">Of those who may take part.</param>
    /// <param name="vector">What is added up.</param>
    /// <exception cref="ArgumentException">As for <see cref="SecureRound"/>.</exception>
    public SecureExchange(SecureSuite suite, RoundBinding binding, IEnumerable<int> numbers, VectorPlan vector)
    {
        var signers = numbers.ToDictionary(number => number, _ => Identity(suite));
        Span<byte> randomness = stackalloc byte[SecretKey.Length];
        using (var stream = SecretKey.New().Stream("graph"))
        {
            stream.Fill(randomness);
        }

        var round = new SecureRound(binding, signers.Select(one => new Participant(one.Key, one.Value.PublicKey)), vector, randomness.ToArray(), suite: suite);
        (_server, Session) = (new SecureServer(round), round.Digest);
        foreach (var (number, signer) in signers)
        {
            _clients[number] = new SecureClient(round, number, signer);
        }
    }

    /// <summary>Hash of all that is agreed on.</summary>
    public ReadOnlyMemory<byte> Session { get; }

    /// <summary>Steps 0 and 1, with everybody who is there.</summary>
    /// <param name="isHere">Who is.</param>
    /// <returns>Why the round was given up; null when it goes on.</returns>
    public Refusal? Begin(Func<int, bool> isHere)
    {
        var here = _server.Expected.Where(isHere).ToArray();
        return Each(here, number => Send(_clients[number].Advertise(), _server.Accept)) ?? _server.EndAdvertising()
            ?? Each(here, number => Send(_clients[number].Share(_server.RollOf(number)), _server.Accept)) ?? _server.EndSharing();
    }

    /// <summary>Step 2: a client's update, masked.</summary>
    /// <param name="number">Of one who was there.</param>
    /// <param name="own">Its update as the sum of one client.</param>
    public Outcome<MaskedInput> Mask(int number, FixedPointSum own)
    {
        var masked = _clients[number].Mask(_server.DeliveryOf(number), own);
        return masked.Value is { } input && _server.Accept(input.Receipt) is { } refusal ? refusal : masked;
    }

    /// <summary>Steps 3 and 4, with those whose updates are in the sum.</summary>
    /// <param name="sum">Of masked updates.</param>
    public Outcome<FixedPointSum> Open(MaskedSum sum)
    {
        var survivors = sum.Clients;
        return (_server.EndCollecting(survivors)
            ?? Each(survivors, number => Send(_clients[number].Consent(_server.Survivors), _server.Accept)) ?? _server.EndConsenting()
            ?? Each(survivors, number => Send(_clients[number].Unmask(_server.ConsentsOf(number)), _server.Accept))) is { } refusal ? refusal : _server.Finish(sum);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        _identities.ForEach(identity => identity.Dispose());
    }

    private IIdentity Identity(SecureSuite suite)
    {
        using var stream = SecretKey.New().Stream("identity");
        var identity = suite.Signatures.Draw(stream);
        _identities.Add(identity);
        return identity;
    }

    private static Refusal? Each(IReadOnlyList<int> numbers, Func<int, Refusal?> send) => numbers.Select(send).FirstOrDefault(refusal => refusal is not null);

    private static Refusal? Send<T>(Outcome<T> outcome, Func<T, Refusal?> accept)
        where T : class => outcome.Value is { } message ? accept(message) : outcome.Refusal;
}
