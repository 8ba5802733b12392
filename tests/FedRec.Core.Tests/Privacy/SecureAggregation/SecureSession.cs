using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using FedRec.Core.Aggregation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>A round with all its clients in one process; every message goes over its bytes.</summary>
internal sealed class SecureSession : IDisposable
{
    public const int Never = 99;
    public static readonly RoundBinding Binding = new("run-7/round-3/1", "model", "catalogue", "features", "configuration");
    private static readonly SumScale s_scale = SumScale.For(clients: 2_000);
    private readonly Dictionary<int, FixedPointSum> _updates = [];
    private readonly List<ECDsa> _keys = [];
    private readonly ImmutableArray<Participant> _roster;
    private readonly SecureSuite _suite;

    /// <param name="clients">How many.</param>
    /// <param name="isQuick">Whether keys and signatures are those of <see cref="QuickSuite"/>.</param>
    /// <param name="seed">Of updates.</param>
    /// <param name="length">Of the vector.</param>
    /// <param name="strength">Above 100 clients.</param>
    public SecureSession(int clients, bool isQuick = true, ulong seed = 1, int length = 5, GraphStrength strength = GraphStrength.OneInTen)
    {
        var roster = ImmutableArray.CreateBuilder<Participant>();
        for (var i = 0; i < clients; i++)
        {
            var number = (3 * i) + 2; // numbers are names, and no places
            var key = isQuick ? null : ECDsa.Create(ECCurve.NamedCurves.nistP256);
            ReadOnlyMemory<byte> identity = key?.ExportSubjectPublicKeyInfo() ?? BitConverter.GetBytes(number);
            roster.Add(new Participant(number, identity));
            Signers[number] = key is null ? QuickSuite.Signer(identity) : EcdsaP256.Signer(key);
            _updates[number] = Update(number, seed, length);
            if (key is not null)
            {
                _keys.Add(key);
            }
        }

        _roster = roster.ToImmutable();
        _suite = isQuick ? QuickSuite.Instance : SecureSuite.Usual;
        Begin(RoundOf(Binding, length, strength));
    }

    /// <summary>A round of <see cref="QuickSuite"/> whose clients are named by number, and have the same update.</summary>
    public SecureSession(SecureRound round, FixedPointSum update)
    {
        (_roster, _suite) = ([], round.Suite);
        foreach (var number in round.Numbers)
        {
            Signers[number] = QuickSuite.Signer(BitConverter.GetBytes(number));
            _updates[number] = update;
        }

        Begin(round);
    }

    public SecureRound Round { get; private set; }

    public SecureServer Server { get; set; }

    public Dictionary<int, ISigner> Signers { get; } = [];

    public Dictionary<int, SecureClient> Clients { get; private set; }

    /// <summary>What whoever adds up has.</summary>
    public MaskedSum Sum { get; private set; }

    /// <summary>What clients showed in the end.</summary>
    public List<UnmaskShares> Shown { get; } = [];

    public SecureRound RoundOf(RoundBinding binding, int length = 5, GraphStrength strength = GraphStrength.OneInTen) =>
        new(binding, _roster, new VectorPlan(length, s_scale, MostWeight: 10, Largest: 2_000), new byte[32], strength, _suite);

    /// <summary>A client's update as it is, without masks.</summary>
    public FixedPointSum UpdateOf(int number) => _updates[number];

    /// <summary>The sum of some updates as it is.</summary>
    public FixedPointSum PlainSum(IEnumerable<int> numbers)
    {
        var sum = new FixedPointSum(Round.Vector.Length, s_scale);
        foreach (var number in numbers)
        {
            sum.Add(_updates[number]);
        }

        return sum;
    }

    public Refusal? Advertise(Func<int, bool> isHere)
    {
        foreach (var number in Server.Expected.Where(isHere))
        {
            Assert.Null(Server.Accept(Advertisement.Decode(Value(Clients[number].Advertise()).Encode())));
        }

        return Server.EndAdvertising();
    }

    public Refusal? Share(Func<int, bool> isHere)
    {
        foreach (var number in Server.Expected.Where(isHere))
        {
            var roll = Roll.Decode(Server.RollOf(number).Encode());
            Assert.Null(Server.Accept(SealedShares.Decode(Value(Clients[number].Share(roll)).Encode())));
        }

        return Server.EndSharing();
    }

    public Refusal? Mask(Func<int, bool> isHere)
    {
        foreach (var number in Server.Expected.Where(isHere))
        {
            var delivery = ShareDelivery.Decode(Server.DeliveryOf(number).Encode());
            Receive(Value(Clients[number].Mask(delivery, _updates[number])));
        }

        return Server.EndCollecting(Sum.Clients);
    }

    public void Receive(MaskedInput sent)
    {
        var input = MaskedInput.Decode(sent.Encode());
        Assert.True(SecureServer.IsOf(Round, input));
        Assert.Null(Server.Accept(input.Receipt));
        Assert.True(Sum.TryAdd(input.Receipt.Number, input.Words.Span));
    }

    public Refusal? Consent(Func<int, bool> isHere)
    {
        foreach (var number in Server.Expected.Where(isHere))
        {
            Assert.Null(Server.Accept(Core.Privacy.SecureAggregation.Consent.Decode(Value(Clients[number].Consent(Survivors.Decode(Server.Survivors.Encode()))).Encode())));
        }

        return Server.EndConsenting();
    }

    public void Unmask(Func<int, bool> isHere)
    {
        foreach (var number in Server.Expected.Where(isHere))
        {
            Shown.Add(UnmaskShares.Decode(Value(Clients[number].Unmask(ConsentList.Decode(Server.ConsentsOf(number).Encode()))).Encode()));
            Assert.Null(Server.Accept(Shown[^1]));
        }
    }

    /// <summary>The whole round; each client goes away before a step, from 0 to 4, or never.</summary>
    public Outcome<FixedPointSum> Run(Func<int, int> goesBefore) =>
        (Advertise(number => goesBefore(number) > 0) ?? Share(number => goesBefore(number) > 1) ?? Mask(number => goesBefore(number) > 2)
            ?? Consent(number => goesBefore(number) > 3)) is { } refusal ? refusal : Finish(number => goesBefore(number) > 4);

    public Outcome<FixedPointSum> Finish(Func<int, bool> isHere)
    {
        Unmask(isHere);
        return Server.Finish(Sum);
    }

    /// <summary>All steps up to one, with everybody.</summary>
    public SecureSession UpTo(ServerPhase phase)
    {
        Func<Func<int, bool>, Refusal?>[] steps = [Advertise, Share, Mask, Consent];
        foreach (var step in steps.Take((int)phase))
        {
            Assert.Null(step(_ => true));
        }

        return this;
    }

    public void Dispose()
    {
        _keys.ForEach(key => key.Dispose());
        foreach (var client in Clients.Values)
        {
            client.Dispose();
        }
    }

    public static T Value<T>(Outcome<T> outcome)
        where T : class
    {
        Assert.Null(outcome.Refusal);
        return outcome.Value!;
    }

    [MemberNotNull(nameof(Round), nameof(Server), nameof(Clients), nameof(Sum))]
    private void Begin(SecureRound round)
    {
        (Round, Server, Sum) = (round, new SecureServer(round), new MaskedSum(round.Vector.Words));
        Clients = round.Numbers.ToDictionary(number => number, number => new SecureClient(round, number, Signers[number]));
    }

    private static FixedPointSum Update(int number, ulong seed, int length)
    {
        var random = SeedSequence.For(seed, "update", number);
        var update = new UpdateBuffer();
        foreach (ref var value in update.Segment(0, length))
        {
            value = (float)random.NextGaussian();
        }

        var sum = new FixedPointSum(length, s_scale);
        Assert.True(sum.TryAdd(update, 0.5 + (9.5 * random.NextDouble()), random.NextDouble(), 1 + random.NextInt32(50)));
        return sum;
    }
}
