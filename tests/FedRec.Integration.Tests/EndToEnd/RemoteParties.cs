using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FedRec.Cli;
using FedRec.Cli.Parties;
using FedRec.Hosting;
using Microsoft.Data.Sqlite;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>A coordinator and parties, each a process with a folder of its own, over TLS: what an operator and three companies would type.</summary>
internal sealed class RemoteParties : IAsyncDisposable
{
    /// <summary>Begins every user id of the parties, and nothing else in any test: some look at all that this process does, and these ids are in addresses that it asks a party for.</summary>
    public const string UserMark = "quokka-of-the-southern-shore";

    public const string Federation = "shops";
    private static readonly string[] s_names = ["north", "south", "west"];
    private const string PythonParty = "src/samples/python-party/party.py";
    private readonly Dictionary<string, FedRecProcess> _running = [];
    private readonly HashSet<string> _inPython;
    private int _port = FreePorts.Find(1)[0];
    private readonly int _web = FreePorts.Find(1)[0];
    private FedRecProcess? _server;

    /// <param name="inPython">Parties that are the sample without .NET.</param>
    public RemoteParties(params string[] inPython)
    {
        _inPython = [.. inPython];
        var random = new Random(11);
        var order = new List<string>();
        var (rows, time) = (s_names.ToDictionary(name => name, _ => new List<string>()), 1_700_000_000);
        for (var user = 0; user < 60; user++)
        {
            foreach (var item in Enumerable.Range(0, 30).OrderBy(_ => random.Next()).Take(5 + random.Next(8)).ToArray())
            {
                rows[s_names[user % 3]].Add(string.Create(CultureInfo.InvariantCulture, $"{UserMark}-{user},i{item},{time += 7}"));
            }
        }

        foreach (var (name, own) in rows)
        {
            Directory.CreateDirectory(Path.Combine(Home.Folder, "data", name));
            File.WriteAllLines(DataOf(name), ["user,item,timestamp", .. own]);
            order.AddRange(own.Select(row => row.Split(',')[1]).Except(order));
        }

        File.WriteAllLines(Path.Combine(Home.Folder, "list.csv"), ["item,title", .. order.Select(item => $"{item},Item {item}")]);
    }

    public FedRecHome Home { get; } = new();

    /// <summary>What parties were invited by.</summary>
    public Dictionary<string, string> Codes { get; } = [];

    public static IReadOnlyList<string> Names => s_names;

    /// <summary>The coordinator, started now or again.</summary>
    public async Task ServeAsync()
    {
        _server = Home.Start("serve", "--port", _web.ToString(CultureInfo.InvariantCulture), "--set", $"Web.PartyPort={_port}"); // nobody else is told: invitations ask it
        (await _server.WebAsync()).Dispose();
    }

    /// <summary>Where the coordinator is for parties, or will be after the next start.</summary>
    public string Url => $"https://localhost:{_port}/";

    /// <summary>The coordinator will be at another address after its next start.</summary>
    public void Move() => Home.Environment["FEDREC__Web__PartyPort"] = (_port = FreePorts.Find(1)[0]).ToString(CultureInfo.InvariantCulture);

    /// <summary>What a party says to a command.</summary>
    public async Task<FedRecProcess> AtAsync(string name, string? folder, params string[] line)
    {
        var process = new FedRecProcess(Home.Folder, folder ?? HomeOf(name), new Dictionary<string, string>(), line);
        await process.ExitAsync();
        return process;
    }

    /// <summary>Each party is invited, joins, and is approved once the fingerprints are the same.</summary>
    public async Task JoinAsync()
    {
        foreach (var name in s_names)
        {
            var code = (await Home.RunAsync("party", "invite", name, "--federation", Federation, "--labels", $"place={name}", "--catalogue", "list.csv", "--url", $"https://localhost:{_port}/", "--format", "json")).Json.GetProperty("code").GetString()!;
            Codes[name] = code;
            var joined = _inPython.Contains(name) ? await JoinInPythonAsync(name, code) : await JoinAsync(name, code);
            var approved = (await Home.RunAsync("party", "approve", name, "--federation", Federation, "--format", "json")).Json.GetProperty("parties")[0];
            Assert.Equal(joined, approved.GetProperty("fingerprint").GetString());
            Assert.Equal("active", approved.GetProperty("standing").GetString());
            Assert.True(_inPython.Contains(name) || (await CheckAsync(name)).ExitCode == ExitCode.Ok);
        }
    }

    public async Task RunAsync(string name, params string[] line)
    {
        var party = _running[name] = _inPython.Contains(name) ? StartPython(name, "run") : Start(name, ["party", "run", .. line]);
        await party.WaitForAsync("connected to ");
    }

    /// <summary>Waits until a party serves a version, which is in use.</summary>
    public Task ServesAsync(string name, long version) => _running[name].WaitForAsync($"recommendations are from version {version} ");

    /// <summary>What a party tells one of its users.</summary>
    public async Task<JsonElement> RecommendAsync(string name, int user)
    {
        var line = await _running[name].WaitForAsync("Its own users are served at ");
        using var client = new HttpClient { BaseAddress = new Uri(Regex.Match(line, @"http://localhost:\d+/").Value) };
        return JsonDocument.Parse(await client.GetStringAsync(new Uri($"api/v1/recommendations/{UserMark}-{user}?explain=true", UriKind.Relative))).RootElement;
    }

    /// <summary>Starts a party that cannot reach its coordinator.</summary>
    public void RunAlone(string name) => _running[name] = Start(name, "party", "run");

    /// <summary>What the port for parties answers.</summary>
    public async Task<int> StatusAtTheDoorAsync(string path)
    {
        using var client = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator });
        using var answer = await client.GetAsync(new Uri($"https://localhost:{_port}{path}"));
        return (int)answer.StatusCode;
    }

    /// <summary>A code whose certificate is not the server's leads nowhere, and its secret is not sent.</summary>
    public async Task RefusedWithAnotherPinAsync()
    {
        var code = PartyCodes.Read((await Home.RunAsync("party", "invite", "east", "--federation", Federation, "--format", "json")).Json.GetProperty("code").GetString()!);
        Assert.Equal(("https", _port, 64), (code.Url.Scheme, code.Url.Port, code.Pin.Length));
        code = code with { Url = new Uri($"https://localhost:{_port}/") };
        foreach (var pin in new[] { new string('0', 64), "" }) // another key's, and none: then it is no certificate that anybody trusts
        {
            var process = Start("east", "party", "join", (code with { Pin = pin }).Write(), "--data", DataOf("north"));
            Assert.Equal(ExitCode.Failed, await process.ExitAsync());
            Assert.Contains("The coordinator cannot be reached", process.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>A second process of a party is refused.</summary>
    public async Task SecondIsRefusedAsync(string name)
    {
        var process = _inPython.Contains(name) ? StartPython(name, "run") : Start(name, "party", "run");
        Assert.Equal(ExitCode.Failed, await process.ExitAsync());
        Assert.Contains($"arty '{name}' runs already", process.Error, StringComparison.Ordinal);
    }

    /// <summary>Ends the coordinator at once, without its knowing.</summary>
    public async Task KillServerAsync()
    {
        await _server!.KillAsync();
        await Home.EmulatorGoneAsync();
    }

    /// <summary>Ends a party at once, without its knowing.</summary>
    public Task KillAsync(string name) => _running[name].KillAsync();

    /// <summary>What a party writes.</summary>
    public FedRecProcess PartyOf(string name) => _running[name];

    public async Task<JsonElement> PartiesAsync() => (await Home.RunAsync("party", "list", "--federation", Federation, "--format", "json")).Json.GetProperty("parties");

    public Task<FedRecProcess> TrainAsync(params string[] line) => Home.RunAsync(["train", "--federation", Federation, "--format", "json", .. line]);

    /// <summary>Which parties may take part in a run, and what each has done for it.</summary>
    public async Task<(bool MayTakePart, int Counted, int Refused)[]> InRunAsync(string run) =>
    [
        .. (await Home.RunAsync("run", "parties", run, "--federation", Federation, "--format", "json")).Json.GetProperty("parties").EnumerateArray()
            .Select(party => (party.GetProperty("mayTakePart").GetBoolean(), party.GetProperty("counted").GetInt32(), party.GetProperty("refused").GetInt32())),
    ];

    /// <summary>SHA-256 of a simulation of the same rows with the same parties.</summary>
    public async Task<string> SimulatedAsync(params string[] line) =>
        Regex.Match((await Home.RunAsync(["simulate", "--data", "data", "--storage", "memory", "--format", "json", .. line])).Out, "\"sha256\": \"([0-9a-f]{64})\"").Groups[1].Value;

    /// <summary>The lines of a party's own log.</summary>
    public string[] LogOf(string name) => File.ReadAllLines(Path.Combine(_inPython.Contains(name) ? HomeOf(name) : Path.Combine(HomeOf(name), "parties", name), "releases.jsonl"));

    public async ValueTask DisposeAsync()
    {
        foreach (var party in _running.Values)
        {
            await party.DisposeAsync();
        }

        await Home.DisposeAsync();
    }

    public string DataOf(string name) => Path.Combine(Home.Folder, "data", name, "interactions.csv");

    // The same rows in a database.
    private string DatabaseOf(string name)
    {
        var file = Path.Combine(Home.Folder, $"{name}.db");
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE orders (customer TEXT, product TEXT, bought INTEGER);"
            + string.Concat(File.ReadLines(DataOf(name)).Skip(1).Select(row => row.Split(',')).Select(row => $"INSERT INTO orders VALUES ('{row[0]}', '{row[1]}', {row[2]});"));
        command.ExecuteNonQuery();
        return file;
    }

    public string HomeOf(string name) => Path.Combine(Home.Folder, $"home-of-{name}");

    private async Task<string> JoinAsync(string name, string code)
    {
        string[] data = name == "west" ? ["--sqlite", DatabaseOf(name), "--query", "SELECT customer AS user, product AS item, bought AS timestamp FROM orders ORDER BY rowid"] : ["--data", DataOf(name)];
        var fingerprint = (await OfPartyAsync(name, ["party", "join", code, .. data, "--format", "json"])).Json.GetProperty("fingerprint").GetString()!;
        var pending = await CheckAsync(name);
        Assert.Equal(ExitCode.Failed, pending.ExitCode);
        Assert.Contains("waits until its fingerprint was compared", pending.Out, StringComparison.Ordinal);
        return fingerprint;
    }

    private async Task<string> JoinInPythonAsync(string name, string code)
    {
        var process = StartPython(name, "join", code, "--data", DataOf(name));
        Assert.True(await process.ExitAsync() == ExitCode.Ok, process.Error);
        return process.Out.Trim().Split(' ')[^1];
    }

    private FedRecProcess StartPython(string name, params string[] line) => FedRecProcess.OfPython(Home.Folder, PythonParty, [.. line, "--folder", HomeOf(name)]);

    private FedRecProcess Start(string name, params string[] line) => new(Home.Folder, HomeOf(name), new Dictionary<string, string>(), line);

    private async Task<FedRecProcess> OfPartyAsync(string name, params string[] line)
    {
        var process = Start(name, line);
        Assert.True(await process.ExitAsync() == ExitCode.Ok, process.Error);
        return process;
    }

    private async Task<FedRecProcess> CheckAsync(string name)
    {
        var check = Start(name, "party", "check", "--format", "json");
        await check.ExitAsync();
        return check;
    }
}
