using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedRec.Core.Aggregation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;

namespace FedRec.Benchmarks.SecureAggregation;

/// <summary>What secure aggregation costs server and clients beside a plain sum: a whole round with real keys and signatures, of which a tenth goes away after it has dealt shares, which is the dearest time.</summary>
internal static class SecureCommand
{
    private const double Away = 0.1;

    public static int Run(string[] arguments)
    {
        (int Clients, int Length)[] rows = arguments is [] ? [(100, 53_824), (100, 237_184), (1_000, 53_824)]
            : arguments is [var clients, var length] ? [(int.Parse(clients, CultureInfo.InvariantCulture), int.Parse(length, CultureInfo.InvariantCulture))]
            : [];
        if (rows is [])
        {
            Console.Error.WriteLine("Usage: --secure [CLIENTS LENGTH]");
            return 2;
        }

        Console.WriteLine("Secure aggregation, P-256 and ES256, one thread; a tenth of the clients goes away after it has dealt shares. Processor time.");
        Console.WriteLine("clients  values   neighbours  server s  unmasking s  plain sum s  ratio  client s (mean)  (most)  sent by a client  overhead");
        foreach (var (many, values) in rows)
        {
            var cost = Round(many, values);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{many,7}  {values,7}  {cost.Neighbours,10}  {cost.Server,8:F2}  {cost.Unmasking,11:F2}  {cost.Plain,11:F4}  {cost.Server / cost.Plain,5:F0}  {cost.Client,15:F3}  {cost.MostOfAClient,6:F3}  {cost.Sent,16:N0}  {cost.Overhead,8:P1}"));
        }

        return 0;
    }

    private static Cost Round(int clients, int length)
    {
        var parties = new Party[clients];
        for (var i = 0; i < clients; i++)
        {
            parties[i] = new Party(i, ECDsa.Create(ECCurve.NamedCurves.nistP256));
        }

        var vector = new VectorPlan(length, SumScale.For(clients), MostWeight: 10, Largest: 2_000);
        var round = new SecureRound(new("round", "model", "catalogue", "features", "configuration"), parties.Select(party => party.InRoster), vector, new byte[32]);
        var (server, sum, own) = (new Meter(), new MaskedSum(vector.Words), Update(vector));
        var machine = server.Of(() => new SecureServer(round));
        Array.ForEach(parties, party => party.Begin(round));
        var staying = parties.Where(party => party.Number >= clients * Away).ToArray();

        foreach (var party in parties)
        {
            var keys = party.Send(client => client.Advertise(), message => message.Encode());
            Take(server.Of(() => machine.Accept(Advertisement.Decode(keys))));
        }

        Take(server.Of(machine.EndAdvertising));
        foreach (var party in parties)
        {
            var roll = server.Of(() => machine.RollOf(party.Number).Encode());
            var shares = party.Send(client => client.Share(Roll.Decode(roll)), message => message.Encode());
            Take(server.Of(() => machine.Accept(SealedShares.Decode(shares))));
        }

        Take(server.Of(machine.EndSharing));
        foreach (var party in staying)
        {
            var delivery = server.Of(() => machine.DeliveryOf(party.Number).Encode());
            var sent = party.Send(client => client.Mask(ShareDelivery.Decode(delivery), own), message => message.Encode());
            Take(server.Of(() =>
            {
                var input = MaskedInput.Decode(sent);
                return SecureServer.IsOf(round, input) && sum.TryAdd(party.Number, input.Words.Span) ? machine.Accept(input.Receipt) : new Refusal(RefusalReason.WrongShape, party.Number, "not its vector");
            }));
        }

        Take(server.Of(() => machine.EndCollecting(sum.Clients)));
        var survivors = server.Of(() => machine.Survivors.Encode());
        foreach (var party in staying)
        {
            var consent = party.Send(client => client.Consent(Survivors.Decode(survivors)), message => message.Encode());
            Take(server.Of(() => machine.Accept(Consent.Decode(consent))));
        }

        Take(server.Of(machine.EndConsenting));
        foreach (var party in staying)
        {
            var consents = server.Of(() => machine.ConsentsOf(party.Number).Encode());
            var shown = party.Send(client => client.Unmask(ConsentList.Decode(consents)), message => message.Encode());
            Take(server.Of(() => machine.Accept(UnmaskShares.Decode(shown))));
        }

        var before = server.Seconds;
        var result = server.Of(() => machine.Finish(sum));
        Take(result.Refusal);
        var (plain, total) = Plain(own, staying.Length, vector);
        if (!total.Encoded.Span.SequenceEqual(result.Value!.Encoded.Span) || !total.Report.SequenceEqual(result.Value.Report))
        {
            throw new InvalidOperationException("The sum is not the one without masks.");
        }

        Array.ForEach(parties, party => party.Dispose());
        var sentByOne = staying.Average(party => party.Sent);
        return new Cost(
            round.Graph.Degree, server.Seconds, server.Seconds - before, plain, staying.Average(party => party.Seconds), staying.Max(party => party.Seconds), sentByOne,
            (sentByOne / (vector.Words * (double)sizeof(long))) - 1);
    }

    // The same vectors as they would come without masks.
    private static (double Seconds, FixedPointSum Sum) Plain(FixedPointSum own, int clients, VectorPlan vector)
    {
        var meter = new Meter();
        var sum = new FixedPointSum(vector.Length, vector.Scale);
        for (var i = 0; i < clients; i++)
        {
            var sent = new FixedPointSum(own.Encoded.ToArray(), own.Weight, own.Loss, 1, own.Examples, own.MaxWeight, own.Scale);
            meter.Of(() =>
            {
                sum.Add(sent);
                return true;
            });
        }

        return (meter.Seconds, sum);
    }

    private static FixedPointSum Update(VectorPlan vector)
    {
        var random = SeedSequence.For(1, "secure");
        var values = new long[vector.Length];
        foreach (ref var value in values.AsSpan())
        {
            value = vector.Scale.Encode(random.NextGaussian());
        }

        return new FixedPointSum(MemoryMarshal.AsBytes<long>(values).ToArray(), vector.Scale.Encode(1), vector.Scale.Encode(0.5), 1, 20, 1, vector.Scale);
    }

    private static void Take(Refusal? refusal)
    {
        if (refusal is not null)
        {
            throw new InvalidOperationException(refusal.Text);
        }
    }

    private sealed record Cost(int Neighbours, double Server, double Unmasking, double Plain, double Client, double MostOfAClient, double Sent, double Overhead);

    /// <summary>Processor time of this process, with that of the collector.</summary>
    private sealed class Meter
    {
        public double Seconds { get; private set; }

        public T Of<T>(Func<T> work)
        {
            var before = Environment.CpuUsage.TotalTime;
            var result = work();
            Seconds += (Environment.CpuUsage.TotalTime - before).TotalSeconds;
            return result;
        }
    }

    private sealed class Party(int number, ECDsa key) : IDisposable
    {
        private readonly Meter _meter = new();
        private SecureClient? _client;

        public int Number => number;

        public Participant InRoster { get; } = new(number, key.ExportSubjectPublicKeyInfo());

        public double Seconds => _meter.Seconds;

        public long Sent { get; private set; }

        public void Begin(SecureRound round) => _client = new SecureClient(round, number, EcdsaP256.Signer(key));

        public void Dispose()
        {
            _client?.Dispose();
            key.Dispose();
        }

        public byte[] Send<T>(Func<SecureClient, Outcome<T>> step, Func<T, byte[]> encode)
            where T : class
        {
            var bytes = _meter.Of(() =>
            {
                var outcome = step(_client!);
                Take(outcome.Refusal);
                return encode(outcome.Value!);
            });
            Sent += bytes.Length;
            return bytes;
        }
    }
}
