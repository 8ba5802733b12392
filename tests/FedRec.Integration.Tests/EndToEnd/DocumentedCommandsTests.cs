using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using FedRec.Cli;
using FedRec.Hosting;
using FedRec.Integration.Tests.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>One <c>fedrec serve</c>, which the commands of all documents join.</summary>
public sealed class ServedHome : IAsyncLifetime
{
    internal FedRecHome Home { get; } = new();

    internal FedRecProcess Server { get; private set; } = null!;

    internal string Address { get; private set; } = "";

    public async Task InitializeAsync()
    {
        var parties = FreePorts.Find(1)[0];
        Server = Home.Start("serve", "--port", "0", "--set", $"Web.PartyPort={parties}", "--set", $"Web.PartyUrl=https://localhost:{parties}/");
        var line = await Server.WaitForAsync("FedRec serves at ");
        Address = new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]).GetLeftPart(UriPartial.Authority);
    }

    public async Task DisposeAsync() => await Home.DisposeAsync();
}

/// <summary>Every command of the README, the tutorials and the page of the API is run, in its order, as it stands there.</summary>
/// <remarks>Commands run in this process and join the server, whose address stands in for the documented port. What stays up (<c>serve</c>, the shop)
/// is started on a free port.</remarks>
[Collection(ServedCollection.Name)]
public sealed partial class DocumentedCommandsTests(ServedHome served) : IClassFixture<ServedHome>, IAsyncLifetime, IDisposable
{
    // LiveDemoTests run the demo; .ci/run runs the tests, and installs the packed tool in a folder of its own.
    private static readonly string[] s_elsewhere = ["dotnet run --project src/FedRec.Cli -- demo", "dotnet test FedRec.sln", "dotnet pack src/FedRec.Cli -o artifacts && dotnet tool install --global --add-source artifacts FedRec.Cli"];
    private const string DataHome = "FEDREC_DATA_HOME=";
    private static readonly string s_root = Root();
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _web = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = FedRecProcess.Limit };
    private readonly List<FedRecProcess> _parties = [];
    private string? _shop;
    private string? _code;

    public static TheoryData<string> Pages { get; } =
    [
        "README.md", "src/docs/reference/api.md",
        .. Directory.GetFiles(Path.Combine(s_root, "src/docs/tutorials")).Select(file => Path.GetRelativePath(s_root, file)).Order(StringComparer.Ordinal),
    ];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var party in _parties)
        {
            await party.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _web.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Commands_InTheirOrder_DoWhatTheySay(string page)
    {
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "src"), Path.Combine(s_root, "src"));
        foreach (var (sample, name) in new[] { ("items.csv", "items.csv"), ("ratings.csv", "ratings.csv"), ("ratings.csv", "orders.csv") })
        {
            File.Copy(Path.Combine(s_root, "src/samples/film-club", sample), Path.Combine(_folder.Path, name));
        }

        var commands = CommandsOf(File.ReadAllText(Path.Combine(s_root, page))).ToArray();

        Assert.NotEmpty(commands);
        foreach (var command in commands.Except(s_elsewhere))
        {
            await RunAsync(command);
        }

        Assert.All(await Task.WhenAll(_parties.Select(party => party.WaitForAsync("round 1: sent "))), sent => Assert.EndsWith("; counted", sent, StringComparison.Ordinal));
    }

    private async Task RunAsync(string command)
    {
        string[] words = [.. Word().Matches(command).Select(match => match.Value.Trim('\''))];
        switch (words)
        {
            case ["fedrec", "serve", ..]:
                Assert.False(served.Server.HasExited, served.Server.Error);
                break;
            case ["fedrec", .. var line]:
                await FedRecAsync(command, served.Home.Data, line);
                break;
            case [var home, "fedrec", "party", "run"] when home.StartsWith(DataHome, StringComparison.Ordinal):
                _parties.Add(new FedRecProcess(_folder.Path, HomeOf(home), new Dictionary<string, string>(), "party", "run"));
                break;
            case [var home, "fedrec", .. var line] when home.StartsWith(DataHome, StringComparison.Ordinal):
                await FedRecAsync(command, HomeOf(home), line);
                break;
            case ["python3", var script, .. var line]:
                await PythonAsync(command, script, line);
                break;
            case ["dotnet", "run", "--project", "src/samples/Shop"]:
                var shop = served.Home.StartProgram("samples/Shop", "--urls", "http://127.0.0.1:0", "--Shop:Folder", Path.Combine(served.Home.Data, "corner"));
                var said = await shop.WaitForAsync("Now listening on: ");
                _shop = said[said.IndexOf("http", StringComparison.Ordinal)..];
                break;
            case ["curl", .. var line]:
                await CurlAsync(command, line);
                break;
            case ["openssl", "rand", "-hex", var bytes, ">", var file]:
                await File.WriteAllTextAsync(Path.Combine(_folder.Path, file), RandomNumberGenerator.GetHexString(2 * int.Parse(bytes, CultureInfo.InvariantCulture), lowercase: true) + "\n");
                break;
            case ["cp", "-r", var from, var to]:
                var copy = Directory.CreateDirectory(Path.Combine(_folder.Path, to));
                Array.ForEach(Directory.GetFiles(Path.Combine(_folder.Path, from)), file => File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file))));
                break;
            default:
                Assert.Fail($"Nobody knows how to run '{command}'.");
                break;
        }
    }

    private async Task FedRecAsync(string command, string home, params string[] line)
    {
        var run = await CommandRun.OfAsync(_folder.Path, new Dictionary<string, string> { ["FEDREC_DATA_HOME"] = home }, Filled(line));

        Assert.True(run.ExitCode == ExitCode.Ok, $"{command} ended with {run.ExitCode}:\n{run.Error}");
        Assert.NotEmpty(run.Out);
        _code = Code().Match(run.Out) is { Success: true } code ? code.Value : _code;
    }

    // A party stays until it is ended; whatever else a script does ends by itself.
    private async Task PythonAsync(string command, string script, string[] line)
    {
        var process = FedRecProcess.OfPython(_folder.Path, script, Filled(line));
        _parties.Add(process);
        if (line[0] != "run")
        {
            Assert.True(await process.ExitAsync() == ExitCode.Ok, $"{command} ended with {process.ExitCode}:\n{process.Error}");
            _parties.Remove(process);
        }
    }

    private string HomeOf(string assignment) => Path.Combine(_folder.Path, assignment[DataHome.Length..]);

    // A code is good once: that of the last invitation is meant.
    private string[] Filled(string[] line) => Array.ConvertAll(line, word => word == "CODE" ? _code! : word);

    // Reads the few options that the documents use.
    private async Task CurlAsync(string command, string[] line)
    {
        var (method, address, form, file) = (default(HttpMethod), "", new List<KeyValuePair<string, string>>(), default(string));
        HttpContent? content = null;
        for (var i = 0; i < line.Length; i++)
        {
            switch (line[i])
            {
                case "-X": method = new HttpMethod(line[++i]); break;
                case "-o": file = line[++i]; break;
                case "--json": content = new StringContent(line[++i], Encoding.UTF8, "application/json"); break;
                case "-d": form.Add(new(line[++i].Split('=')[0], line[i].Split('=')[1])); break;
                default: address = line[i]; break;
            }
        }

        content ??= form.Count > 0 ? new FormUrlEncodedContent(form) : null;
        var here = address.Replace("http://localhost:5080", served.Address, StringComparison.Ordinal).Replace("http://localhost:5000", _shop, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(method ?? (content is null ? HttpMethod.Get : HttpMethod.Post), here) { Content = content };
        using var answer = await _web.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync(); // a stream of events ends with its run

        Assert.True((int)answer.StatusCode is >= 200 and < 400, $"{command} was answered with {answer.StatusCode}: {text}");
        if (file is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(_folder.Path, file), text);
        }
    }

    // Blocks without a language, where there are commands; the picture of the README is indented.
    private static IEnumerable<string> CommandsOf(string text) => Block().Matches(text).Where(block => block.Groups[1].Length == 0 && block.Groups[2].Value[0] != ' ')
        .SelectMany(block => block.Groups[2].Value.Split('\n'))
        .Select(line => Comment().Replace(line, "").Trim()).Where(line => line.Length > 0);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "FedRec.sln")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar)) ?? throw new InvalidOperationException("The tests do not lie below FedRec.sln.");
        }

        return folder;
    }

    [GeneratedRegex(@"^```(\w*)\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\s{2,}#.*$|\s+# .*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"'[^']*'|\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@"fedrec-party-1-\S+")]
    private static partial Regex Code();
}
