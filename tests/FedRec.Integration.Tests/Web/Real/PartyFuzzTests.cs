using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FedRec.Contracts.RemoteParties;
using FedRec.Web.Parties;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>The law: whatever a party that is let in sends, it is no error of the server, no wait, and no memory but what was announced and allowed; and what it sends as it should is counted then.</summary>
/// <remarks>Over connections in memory, where a request costs less; over sockets a few of the same. <c>FEDREC_FUZZ_BODIES</c> says how many, <c>FEDREC_FUZZ_SEED</c> which.</remarks>
[Collection(RealWeb.Collection)]
public sealed class PartyFuzzTests(RealWeb web)
{
    private const int EachScene = 100_000; // a party's twin remembers so many of its tokens and no more
    private const int OverSockets = 600;
    private const int EachAddress = 16; // fewer than are refused before it is told to come back
    private const int LeastOfEach = 1_000; // of a status, one in so many
    private const long OtherBytes = 64 << 20; // a block of an update, what a request takes, and what other tests take meanwhile; lengths that lie go up to 2 GB
    private const int MostTries = 5;
    private static readonly TimeSpan s_noWait = TimeSpan.FromMinutes(1);
    private static readonly int[] s_reached = [200, 204, 400, 401, 404, 405, 409, 411, 413, 415];

    private static readonly int s_bodies = int.Parse(Environment.GetEnvironmentVariable("FEDREC_FUZZ_BODIES") ?? "25000", CultureInfo.InvariantCulture);
    private static readonly int s_seed = int.Parse(Environment.GetEnvironmentVariable("FEDREC_FUZZ_SEED") ?? "7", CultureInfo.InvariantCulture);

    [Fact]
    public async Task AnyRequest_OfAPartyThatIsLetIn_IsAnsweredWithoutAnErrorOfTheServer()
    {
        await using var memory = await MemoryWeb.StartAsync(web);
        var random = new Random(s_seed);
        for (var left = s_bodies; left > 0; left -= EachScene)
        {
            var parties = await PartiesAsync();
            var (outcomes, number) = (new Dictionary<int, int>(), Math.Min(left, EachScene));
            for (var i = 0; i < number; i++)
            {
                var fuzzed = parties[i % parties.Length];
                var (state, least) = (random.Next(), long.MaxValue);
                for (var tries = 0; tries < MostTries && least > OtherBytes; tries++) // what other tests allocate meanwhile is not the request's
                {
                    var request = await FuzzedRequest.NextAsync(new Random(state), fuzzed);
                    var before = GC.GetTotalAllocatedBytes();
                    var answer = await AnsweredAsync(memory.SendAsync(request.Bytes, request.IsCut, AddressOf(i / EachAddress)), request);
                    least = Math.Min(least, GC.GetTotalAllocatedBytes() - before - request.MostBytes);
                    var status = Check(request, answer);
                    outcomes[status] = outcomes.GetValueOrDefault(status) + 1;
                }

                Assert.True(least <= OtherBytes, $"{least} bytes more than its body is allowed are taken by {Text((await FuzzedRequest.NextAsync(new Random(state), fuzzed)).Bytes)}");
            }

            Assert.All(s_reached, status => Assert.True(outcomes.GetValueOrDefault(status) >= number / LeastOfEach, $"Only {outcomes.GetValueOrDefault(status)} answers of {status}: the requests do not get far. {string.Join(' ', outcomes.OrderBy(outcome => outcome.Key))}"));
            await AssertCountedAsync(parties);
        }
    }

    // What only sockets have: a request that comes in pieces, an end that is a reset.
    [Fact]
    public async Task AnyRequest_OverASocket_IsAnsweredWithoutAnErrorOfTheServer()
    {
        var parties = await PartiesAsync();
        var (random, answered) = (new Random(s_seed), 0);
        for (var i = 0; i < OverSockets; i++)
        {
            var request = await FuzzedRequest.NextAsync(random, parties[i % parties.Length]);
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            using var limit = new CancellationTokenSource(s_noWait);
            await socket.ConnectAsync(web.Client.BaseAddress!.Host, web.Client.BaseAddress.Port, limit.Token);
            try
            {
                for (var (sent, part) = (0, 0); sent < request.Bytes.Length; sent += part)
                {
                    part = Math.Min(random.Next(1, 4_000), request.Bytes.Length - sent);
                    await socket.SendAsync(request.Bytes.AsMemory(sent, part), limit.Token);
                }

                if (request.IsCut && random.Next(2) == 0)
                {
                    socket.Close(timeout: 0); // a reset
                    continue;
                }

                if (request.IsCut)
                {
                    socket.Shutdown(SocketShutdown.Send);
                }

                using var answer = new MemoryStream();
                await using var stream = new NetworkStream(socket);
                await stream.CopyToAsync(answer, limit.Token);
                Check(request, answer.ToArray());
                answered++;
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                // the server has ended the connection while there was still something to send
            }
        }

        Assert.True(answered >= OverSockets / 2, $"Only {answered} are answered.");
        await AssertCountedAsync(parties);
    }

    [Fact]
    public async Task Party_WhoseTokensAreWrong_IsToldToComeBack_AndNobodyElseIs()
    {
        await using var memory = await MemoryWeb.StartAsync(web);
        using var party = await WireParty.ActiveAsync(web, $"rate-{Guid.NewGuid():N}");
        var path = party.PathOf("poll");

        var statuses = new List<int>();
        for (var i = 0; i < PartyRates.RefusedBurst + 2; i++)
        {
            statuses.Add(await AskAsync(IPAddress.Parse("10.1.1.1"), "x"));
        }

        Assert.Equal(Enumerable.Repeat(401, PartyRates.RefusedBurst), statuses[..PartyRates.RefusedBurst]);
        Assert.Contains(429, statuses[PartyRates.RefusedBurst..]);
        Assert.Equal(204, await AskAsync(IPAddress.Parse("10.1.1.2"), await party.TokenAsync("POST", path)));

        async Task<int> AskAsync(IPAddress from, string token) => MemoryWeb.StatusOf(await memory.SendAsync(
            Encoding.ASCII.GetBytes($"POST {path}?wait=0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\n\r\n"), isCut: false, from));
    }

    private async Task<FuzzedParty[]> PartiesAsync() => [.. (await Task.WhenAll(FuzzedParty.TrainingAsync(web), FuzzedParty.MaskingAsync(web), FuzzedParty.EvaluatingAsync(web))).SelectMany(some => some)];

    private static async Task<byte[]> AnsweredAsync(Task<byte[]> answer, FuzzedRequest request) =>
        await Task.WhenAny(answer, Task.Delay(s_noWait)) == answer ? await answer : throw new TimeoutException($"Not answered within {s_noWait.TotalSeconds} s: {Text(request.Bytes)}");

    private static IPAddress AddressOf(int number) => new([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]);

    private static int Check(FuzzedRequest request, byte[] answer)
    {
        var status = MemoryWeb.StatusOf(answer);
        Assert.True(status is > 0 and < 500 || (status == 0 && request.IsCut), $"{Text(request.Bytes)} is answered {Text(answer)}");
        Assert.True(request.MayPass || status is (>= 300 or 0) and not 409, $"A token that is not good is let in: {Text(request.Bytes)} is answered {Text(answer)}");
        return status;
    }

    private static async Task AssertCountedAsync(FuzzedParty[] parties)
    {
        foreach (var (party, order, answer) in parties)
        {
            if (order.Evaluation is null)
            {
                Assert.Equal(PartyOutcome.Counted, (await party.Client.SubmitAsync(order, answer, CancellationToken.None)).Outcome);
            }

            party.Dispose();
        }
    }

    private static string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 2_000)));
}
