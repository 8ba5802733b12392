using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Benchmarks.PartyCosts;

/// <summary>A party that asks as fast as it can: with valid tokens, with signatures of nobody, and with bodies that are larger than may be.</summary>
/// <remarks>In a process of its own, with the last claim on the processor: so it takes what the server leaves, and what it costs the others is what the server does for it.</remarks>
internal sealed class HostileParty : IDisposable
{
    private const int Lanes = 4; // of each kind
    private const int BodyBytes = 40 << 20; // more than sums of an evaluation may have
    private readonly Process _process;

    private HostileParty(Process process) => _process = process;

    /// <summary>Starts it.</summary>
    /// <param name="invitation">It joins by it, and is to be approved.</param>
    /// <param name="port">The port for parties.</param>
    public static HostileParty Start(string invitation, int port)
    {
        var start = new ProcessStartInfo("nice", ["-n", "19", "dotnet", typeof(HostileParty).Assembly.Location, "--parties-hostile", invitation, port.ToString(CultureInfo.InvariantCulture)])
        { RedirectStandardInput = true, RedirectStandardOutput = true };
        return new HostileParty(Process.Start(start)!);
    }

    /// <summary>What it says next.</summary>
    public async Task<string> HearAsync() => await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The hostile party has ended.");

    /// <summary>Tells it to go on: to flood, then to end.</summary>
    public Task TellAsync() => _process.StandardInput.WriteLineAsync();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>The process: says its fingerprint, waits for a line, floods until the next, says what it was answered.</summary>
    public static async Task<int> RunAsync(string invitation, int port)
    {
        using var wire = new PartyWire(IPAddress.Parse("127.0.0.2"), port);
        var party = new PartyCaller(PartyCode.TryRead(invitation)!, wire);
        Console.WriteLine(await party.JoinAsync());
        Console.ReadLine();
        await party.MeetAsync();
        using var stop = new CancellationTokenSource();
        var answers = new ConcurrentDictionary<string, long>();
        var body = new byte[BodyBytes];
        Func<HttpRequestMessage>[] kinds =
        [
            () => party.Poll(0),
            () => party.Request(HttpMethod.Post, "poll", "?wait=0", isForged: true),
            () => Put(party, body),
        ];
        var lanes = kinds.SelectMany((make, kind) => Enumerable.Range(0, Lanes).Select(_ => Task.Run(() => FloodAsync(party, make, kind, answers, stop.Token)))).ToArray();
        Console.WriteLine("flooding");
        Console.ReadLine();
        await stop.CancelAsync();
        await Task.WhenAll(lanes);
        Console.WriteLine(JsonSerializer.Serialize(answers.OrderBy(one => one.Key).ToDictionary()));
        return 0;
    }

    private static HttpRequestMessage Put(PartyCaller party, byte[] body)
    {
        var request = party.Request(HttpMethod.Put, $"evaluations/{Guid.Empty}");
        request.Content = new ByteArrayContent(body);
        return request;
    }

    private static async Task FloodAsync(PartyCaller party, Func<HttpRequestMessage> make, int kind, ConcurrentDictionary<string, long> answers, CancellationToken cancellationToken)
    {
        var words = new[] { "valid", "forged", "too large" }[kind];
        while (!cancellationToken.IsCancellationRequested)
        {
            var answer = "cut off";
            try
            {
                answer = ((int)await party.SendAsync(make(), cancellationToken)).ToString(CultureInfo.InvariantCulture);
            }
            catch (HttpRequestException)
            {
                // the server need not read a body that it refuses; counted as cut off
            }
            catch (OperationCanceledException)
            {
                return;
            }

            answers.AddOrUpdate($"{words}: {answer}", 1, (_, count) => count + 1);
        }
    }
}
