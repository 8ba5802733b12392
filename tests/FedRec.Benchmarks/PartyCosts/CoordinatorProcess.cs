using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using FedRec.Contracts.RemoteParties;
using FedRec.Hosting;

namespace FedRec.Benchmarks.PartyCosts;

/// <summary><c>fedrec serve</c> in a process of its own with a port for parties, so that its time and memory are told apart from those of whoever asks it.</summary>
internal sealed class CoordinatorProcess : IDisposable
{
    private const string Federation = "bench";
    private const string Serves = "FedRec serves at ";
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(2);
    private readonly string _folder = Directory.CreateTempSubdirectory("fedrec-party-costs-").FullName;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;
    private readonly HttpClient _operator = new();

    private CoordinatorProcess(int port)
    {
        PartyPort = port;
        string[] line = ["serve", "--attended", "--port", "0", "--storage", "memory", "--set", $"Web.PartyPort={port}", "--set", "Web.ApiKey=", "--set", "Web.Host=localhost"];
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "fedrec.dll"), .. line]) { WorkingDirectory = _folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["FEDREC_DATA_HOME"] = _folder;
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Hear(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where parties come in, with TLS.</summary>
    public int PartyPort { get; }

    /// <summary>Processor time that it has taken since it started.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Memory that it has in RAM, in MB.</summary>
    public double Megabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>Starts it and waits until it serves.</summary>
    public static async Task<CoordinatorProcess> StartAsync()
    {
        var server = new CoordinatorProcess(FreePorts.Find(1)[0]);
        await Task.WhenAny(server._address.Task, server._process.WaitForExitAsync()).WaitAsync(s_startLimit);
        if (server._address.Task.IsCompleted)
        {
            server._operator.BaseAddress = await server._address.Task;
            return server;
        }

        server.Dispose();
        throw new InvalidOperationException("fedrec serve ended before it served; what it said is above.");
    }

    /// <summary>Asks whether it is alive: what any request costs.</summary>
    public Task ProbeAsync() => _operator.GetByteArrayAsync("health/live");

    /// <summary>Invites a party as an operator does, has it join, and approves it by its fingerprint.</summary>
    public async Task<PartyCaller> AddPartyAsync(string name, PartyWire wire)
    {
        var party = new PartyCaller(PartyCode.TryRead(await InviteAsync(name))!, wire);
        await ApproveAsync(name, await party.JoinAsync());
        return party;
    }

    /// <summary>A code for a party.</summary>
    public async Task<string> InviteAsync(string name) => (await PostAsync(name, "invitation", new { ratings = false, days = 1 })).GetProperty("code").GetString()!;

    /// <summary>Lets a party take part.</summary>
    public Task ApproveAsync(string name, string fingerprint) => PostAsync(name, $"approve?fingerprint={Uri.EscapeDataString(fingerprint)}", body: null);

    /// <summary>Ends it and removes what it has kept.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        _operator.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Hear(string line)
    {
        if (line.StartsWith(Serves, StringComparison.Ordinal))
        {
            _address.TrySetResult(new Uri(new Uri(line[Serves.Length..]), "/"));
        }
        else if (!_address.Task.IsCompleted && line.Length > 0)
        {
            Console.Error.WriteLine(line);
        }
    }

    private async Task<JsonElement> PostAsync(string party, string what, object? body)
    {
        using var content = body is null ? null : JsonContent.Create(body);
        using var answer = await _operator.PostAsync($"api/v1/federations/{Federation}/parties/{party}/{what}", content);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>()
            : throw new InvalidOperationException($"{what}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }
}
