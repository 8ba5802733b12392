using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using FedRec.Cli;
using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Integration.Tests.EndToEnd;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>What happens to the party without .NET in the field: its connection breaks, its key is lost, the coordinator moves, NumPy is missing.</summary>
[Collection(RealWeb.Collection)]
public sealed class PythonPartyTests(RealWeb web) : IDisposable
{
    private const string Script = "src/samples/python-party/party.py";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Update_WhoseConnectionBreaks_GoesOnWhereItEnded()
    {
        using var party = await WireParty.InvitedAsync(web, NewName(), items: 600); // an update of more than a block
        using var way = new BreakingWay(web.Client.BaseAddress!, afterBytes: PartyLimits.BlockBytes + 10_000, async () =>
        {
            while ((await party.Twin.ReceivedAsync((await party.Twin.PollAsync(TimeSpan.Zero))!.Update)).Received < PartyLimits.BlockBytes)
            {
                await Task.Yield(); // a server reads nothing more of a connection that has broken
            }
        });
        await JoinAsync(party, party.Code with { Url = way.Address });
        await using var running = Run();
        await running.WaitForAsync("connected to ");

        await StartAsync(party);

        Assert.EndsWith("(ease, summed over 15 users); counted", await running.WaitForAsync("round 1: sent "), StringComparison.Ordinal);
        var range = Assert.Single(way.Ranges);
        Assert.InRange(long.Parse(Regex.Match(range, @"^bytes (\d+)-\d+/\d+$").Groups[1].Value, CultureInfo.InvariantCulture), PartyLimits.BlockBytes, PartyLimits.BlockBytes + 10_000 + 8_192); // with the read in which it was too much
        Assert.Equal(1L, (await party.Twin.GetAsync())!.Counted);
    }

    [Fact]
    public async Task Run_WithoutTheKey_SaysWhatToDo_AndMakesNoOther()
    {
        using var party = await WireParty.InvitedAsync(web, NewName());
        await JoinAsync(party, party.Code);
        var key = Path.Combine(_folder.Path, "party", "key.pem");
        File.Delete(key);

        await using var running = Run();

        Assert.Equal(ExitCode.Failed, await running.ExitAsync());
        Assert.Contains("key.pem is not there: put it back from a copy. Another key is another party", running.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(key));
    }

    [Fact]
    public async Task Run_OfWhoNeverJoined_SaysHowToJoin()
    {
        await using var running = Run();

        Assert.Equal(ExitCode.Failed, await running.ExitAsync());
        Assert.Contains("no party has joined in party; join first: party.py join CODE", running.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Coordinator_ThatMoves_IsNotFollowed_AndItsOwnerIsToldOnceWhatToDo()
    {
        using var party = await WireParty.InvitedAsync(web, NewName());
        await JoinAsync(party, party.Code);
        await using var running = Run();
        await running.WaitForAsync("connected to ");

        await party.Parties.MoveAsync("https://new.example.org/", new string('a', 64));
        await StartAsync(party);

        await running.WaitForAsync("round 1: sent "); // it works on at the old address
        Assert.Single(Regex.Matches(running.Error, Regex.Escape("the coordinator moves to https://new.example.org/, and this party stays where it is")));
        Assert.Contains($"\"url\": \"https://new.example.org/\", \"pin\": \"{new string('a', 64)}\", \"moves\": 1", running.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithoutNumPy_SaysWhatToInstall()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "numpy.py"), "raise ModuleNotFoundError(\"No module named 'numpy'\")\n"); // found before the real one
        await using var running = FedRecProcess.OfPython(_folder.Path, Script, new Dictionary<string, string> { ["PYTHONPATH"] = _folder.Path }, "run");

        Assert.Equal(ExitCode.Failed, await running.ExitAsync());
        Assert.Matches(@"^party\.py: NumPy is missing; install it: \S+ -m pip install numpy", running.Error);
        Assert.DoesNotContain("Traceback", running.Error, StringComparison.Ordinal);
    }

    private static string NewName() => $"python-{Guid.NewGuid():N}";

    private FedRecProcess Run() => FedRecProcess.OfPython(_folder.Path, Script, "run");

    private async Task JoinAsync(WireParty party, PartyCode code)
    {
        var data = Path.Combine(_folder.Path, "orders.csv");
        await File.WriteAllLinesAsync(data, ["user,item,timestamp", .. Enumerable.Range(0, 15).SelectMany(user => WireParty.ItemsOf(user).Select((item, place) => $"u{user},{WireParty.ItemMark}-{item},{place}"))]);
        await using var join = FedRecProcess.OfPython(_folder.Path, Script, "join", code.Write(), "--data", data);
        Assert.True(await join.ExitAsync() == ExitCode.Ok, join.Error);
        await party.Parties.SetStandingAsync("north", PartyStanding.Active);
    }

    private async Task StartAsync(WireParty party)
    {
        var run = await web.Grains.GetGrain<IFederationGrain>(party.Code.Federation).StartRunAsync(new RunRequest
        {
            Federation = party.Code.Federation,
            Learner = "ease",
            LearnerOptions = new Dictionary<string, string> { ["lambda"] = "50" }.ToImmutableSortedDictionary(),
            Rounds = new() { Deadline = TimeSpan.FromMinutes(10) },
        });
        Assert.Equal(RunOutcome.Started, run.Outcome);
    }

    /// <summary>Passes connections on, and breaks the first one that carries more than so many bytes, once something is so.</summary>
    private sealed class BreakingWay : IDisposable
    {
        private readonly TcpListener _door = new(IPAddress.Loopback, 0);
        private readonly Uri _to;
        private readonly int _afterBytes;
        private readonly Func<Task> _whenIsSo;
        private int _broken;

        public BreakingWay(Uri to, int afterBytes, Func<Task> whenIsSo)
        {
            (_to, _afterBytes, _whenIsSo) = (to, afterBytes, whenIsSo);
            _door.Start();
            _ = AcceptAsync();
        }

        public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_door.LocalEndpoint).Port}/");

        /// <summary>Values of the header Content-Range that have passed.</summary>
        public ConcurrentQueue<string> Ranges { get; } = [];

        public void Dispose() => _door.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    _ = PassOnAsync(await _door.AcceptTcpClientAsync());
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // it has ended
            }
        }

        private async Task PassOnAsync(TcpClient from)
        {
            using var near = from;
            using var far = new TcpClient();
            try
            {
                await far.ConnectAsync(_to.Host, _to.Port);
                await Task.WhenAny(UpAsync(near.GetStream(), far.GetStream()), far.GetStream().CopyToAsync(near.GetStream()));
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                // either side has gone away
            }
        }

        private async Task UpAsync(NetworkStream from, NetworkStream to)
        {
            var (block, passed) = (new byte[8_192], 0);
            while (await from.ReadAsync(block) is > 0 and var count)
            {
                if (passed == 0 && Regex.Match(Encoding.Latin1.GetString(block, 0, count), @"Content-Range: ([^\r]+)\r") is { Success: true } header)
                {
                    Ranges.Enqueue(header.Groups[1].Value);
                }

                await to.WriteAsync(block.AsMemory(0, count));
                if ((passed += count) > _afterBytes && Interlocked.Exchange(ref _broken, 1) == 0)
                {
                    await _whenIsSo();
                    return;
                }
            }
        }
    }
}
