using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using FedRec.Cli;
using FedRec.Integration.Tests.Cli;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>Keys as they are used: made beside a server that is running, good there within a second, revoked, and nowhere on the disk.</summary>
[Collection(ServedCollection.Name)]
public sealed partial class AccessKeyTests : IAsyncLifetime, IDisposable
{
    private readonly FedRecHome _home = new();
    private HttpClient _client = null!;
    private FedRecProcess _server = null!;

    public async Task InitializeAsync()
    {
        _server = _home.Start("serve", "--port", "0");
        var line = await _server.WaitForAsync("FedRec serves at ");
        _client = new HttpClient { BaseAddress = new Uri(new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]).GetLeftPart(UriPartial.Authority)) };
    }

    public async Task DisposeAsync() => await _home.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Key_MadeByTheCommandLine_IsAskedForFromThenOn_AndEndsWhenItIsRevoked()
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(null)); // nothing to set up at first

        var owner = await MakeAsync("ada", "operator");
        var app = await MakeAsync("web shop", "app");
        await Waiting(async () => await StatusAsync(null) == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(owner));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(app));
        var listed = await RunAsync("access", "key", "list");
        var revoked = await RunAsync("access", "key", "revoke", owner.Split('_')[1]);
        await Waiting(async () => await StatusAsync(owner) == HttpStatusCode.Unauthorized);

        Assert.Contains("web shop", listed.Out, StringComparison.Ordinal);
        Assert.Contains("revoked", revoked.Out, StringComparison.Ordinal);
        foreach (var secret in new[] { owner[^64..], app[^64..] })
        {
            Assert.DoesNotContain(secret, $"{listed.Out}{listed.Error}{revoked.Out}{revoked.Error}{_server.Error}", StringComparison.Ordinal);
            Assert.DoesNotContain(Directory.EnumerateFiles(_home.Data, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)), file => Holds(file, secret));
        }
    }

    private async Task<string> MakeAsync(string name, string role)
    {
        var run = await RunAsync("access", "key", "create", name, "--role", role);
        return Key().Match(run.Out).Value;
    }

    private async Task<CommandRun> RunAsync(params string[] line)
    {
        var run = await CommandRun.OfAsync(_home.Folder, new Dictionary<string, string> { ["FEDREC_DATA_HOME"] = _home.Data }, line);
        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        return run;
    }

    private async Task<HttpStatusCode> StatusAsync(string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/federations");
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using var answer = await _client.SendAsync(request);
        return answer.StatusCode;
    }

    // The server reads keys by itself, every few seconds.
    private static async Task Waiting(Func<Task<bool>> until)
    {
        using var limit = new CancellationTokenSource(FedRecProcess.Limit);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!await until())
        {
            await look.WaitForNextTickAsync(limit.Token);
        }
    }

    private static bool Holds(string file, string secret)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        var bytes = copy.ToArray().AsSpan();
        return bytes.IndexOf(Encoding.ASCII.GetBytes(secret)) >= 0 || bytes.IndexOf(Encoding.Unicode.GetBytes(secret)) >= 0 || bytes.IndexOf(Convert.FromHexString(secret)) >= 0;
    }

    [GeneratedRegex("frk_[0-9a-f]{12}_[0-9a-f]{64}")]
    private static partial Regex Key();
}
