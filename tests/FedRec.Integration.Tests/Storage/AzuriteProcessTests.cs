using System.Diagnostics;
using System.Globalization;
using Azure.Storage.Blobs;
using FedRec.Hosting;
using FedRec.Hosting.Azurite;
using FedRec.Storage;

namespace FedRec.Integration.Tests.Storage;

/// <summary>Runs beside the shared emulator so that only one test installs it.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class AzuriteProcessTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private const UnixFileMode OwnerMayAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly TemporaryFolder _folder = new();

    private AzuriteOptions Options => new() { DataFolder = Path.Combine(_folder.Path, "data"), LockTimeout = TimeSpan.Zero };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_AfterStop_StillHasTheData()
    {
        await using (var first = await AzuriteProcess.StartAsync(Options))
        {
            await WriteAsync(first.ConnectionString);
        }

        await using var second = await AzuriteProcess.StartAsync(Options);

        Assert.Equal("kept", await ReadAsync(second.ConnectionString));
    }

    [Fact]
    public async Task Start_FolderThatOthersMayRead_ClosesItAndWhatIsWrittenLater()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // the user's folder is closed to others
        }

        var older = Directory.CreateDirectory(Path.Combine(Options.DataFolder!, "__blobstorage__"));
        await File.WriteAllTextAsync(Path.Combine(older.FullName, "extent"), "written by an earlier version");
        await using (var azurite = await AzuriteProcess.StartAsync(Options))
        {
            await WriteAsync(azurite.ConnectionString);
            Assert.Empty(ForOthers());
        }

        Assert.Empty(ForOthers());

        string[] ForOthers() => [.. new DirectoryInfo(Options.DataFolder!).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Append(new DirectoryInfo(Options.DataFolder!)).Where(entry => (entry.UnixFileMode & ~OwnerMayAll) != 0).Select(entry => $"{entry.FullName} {entry.UnixFileMode}")];
    }

    [Fact]
    public async Task Start_TheKeyThatEverybodyKnows_IsRefused()
    {
        await using var azurite = await AzuriteProcess.StartAsync(Options);
        const string Published = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
        var stranger = BlobClients.Create(new AzuriteEndpoints(azurite.Endpoint, azurite.Endpoint).ConnectionString(Published));

        var thrown = await Assert.ThrowsAsync<Azure.RequestFailedException>(() => stranger.GetBlobContainersAsync().ToListAsync().AsTask());

        Assert.Equal(403, thrown.Status);
    }

    [Fact]
    public async Task Stop_Running_EndsTheEmulatorAndFreesTheFolder()
    {
        var azurite = await AzuriteProcess.StartAsync(Options);
        Assert.Equal(azurite.Endpoint, AzuriteProcess.FindOwner(Options.DataFolder!)?.Endpoint);

        await azurite.StopAsync();
        await azurite.StopAsync();

        Assert.True(azurite.Completion.IsCompletedSuccessfully);
        Assert.Null(AzuriteProcess.FindOwner(Options.DataFolder!));
        await azurite.DisposeAsync();
    }

    [Fact]
    public async Task Start_OwnerWasKilled_EmulatorSavesEndsAndTheDataIsThere()
    {
        using var owner = EmulatorOwner.Start(Options.DataFolder!);
        var pid = int.Parse((await owner.StandardOutput.ReadLineAsync().WaitAsync(s_patience))!, CultureInfo.InvariantCulture);
        using var emulator = Process.GetProcessById(pid);
        await WriteAsync((await owner.StandardOutput.ReadLineAsync())!);

        owner.Kill();
        await owner.WaitForExitAsync().WaitAsync(s_patience);
        await using var second = await AzuriteProcess.StartAsync(Options);

        await emulator.WaitForExitAsync().WaitAsync(s_patience);
        Assert.Equal("kept", await ReadAsync(second.ConnectionString));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT", "HUP", "TERM")] // Ctrl-C and a closed terminal reach every process; FedRec still needs its storage then
    public async Task Signal_Term_SavesAndEndsAndOthersDoNot(params string[] signals)
    {
        await using (var azurite = await AzuriteProcess.StartAsync(Options))
        {
            foreach (var signal in signals[..^1])
            {
                await SignalAsync(signal, azurite);
            }

            await WriteAsync(azurite.ConnectionString);
            await SignalAsync(signals[^1], azurite);
            await azurite.Completion.WaitAsync(s_patience);
        }

        await using var second = await AzuriteProcess.StartAsync(Options);
        Assert.Equal("kept", await ReadAsync(second.ConnectionString));
    }

    [Fact]
    public async Task Start_FolderIsServed_SaysByWhomAndWhatToDo()
    {
        await using var first = await AzuriteProcess.StartAsync(Options);

        var thrown = await Assert.ThrowsAsync<StorageSetupException>(() => AzuriteProcess.StartAsync(Options));

        Assert.Contains($"process {Environment.ProcessId}, at {first.Endpoint}", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("--storage memory", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithoutNode_NamesTheThreeWaysOut()
    {
        var thrown = await Assert.ThrowsAsync<StorageSetupException>(() => AzuriteProcess.StartAsync(Options with { SearchPath = "" }));

        Assert.Contains("Install Node.js", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("FedRec:Storage:ConnectionString", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("--storage memory", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OldNode_SaysWhichIsNeeded()
    {
        WriteProgram("node", "echo v12.22.0");

        var thrown = await Assert.ThrowsAsync<StorageSetupException>(() => AzuriteProcess.StartAsync(Options with { SearchPath = _folder.Path }));

        Assert.Contains("v12.22.0", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("20 or newer", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_InstallationFails_RepeatsWhatNpmSaidAndLeavesNothingHalfDone()
    {
        WriteProgram("node", "echo v20.0.0");
        WriteProgram("npm", "echo 'npm http fetch GET 200 https://registry/a.tgz' >&2; echo 'ENOSPC: no space left on device' >&2; exit 28");
        var options = Options with { SearchPath = _folder.Path, InstallFolder = Path.Combine(_folder.Path, "tools") };

        var thrown = await Assert.ThrowsAsync<StorageSetupException>(() => AzuriteProcess.StartAsync(options));

        Assert.Contains("code 28: ENOSPC: no space left on device", thrown.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(options.InstallFolder, AzuritePackage.FolderName)));
    }

    [Fact]
    public async Task Start_OnANewMachine_SaysHowMuchIsInstalledAndHowFarItIs()
    {
        WriteProgram("node", "echo v20.0.0");
        WriteProgram("npm", $"for i in $(seq {AzuritePackage.Count}); do echo \"npm http fetch GET 200 https://registry/p$i/-/p$i-1.0.0.tgz 3ms (cache miss)\" >&2; done");
        var options = Options with { InstallFolder = Path.Combine(_folder.Path, "tools") };
        var tools = await NodeTools.FindAsync(_folder.Path + Path.PathSeparator + options.SearchPath, default);
        var steps = new Steps();

        await AzuriteInstallation.EnsureAsync(options, tools, steps, default);

        Assert.Matches($"once per user: {AzuritePackage.Count} packages, about [0-9]+ MB to load and [0-9]+ MB in {options.InstallFolder}", steps[0].Text);
        Assert.Equal(Enumerable.Range(1, AzuritePackage.Count).Select(done => new SetupStep("packages", done, AzuritePackage.Count)), steps.Skip(1));
    }

    [Fact]
    public async Task Start_TwoAtOnceOnANewMachine_InstallOnce()
    {
        WriteProgram("node", "echo v20.0.0");
        WriteProgram("npm", $"echo run >> '{_folder.Path}/runs'");
        var options = Options with { InstallFolder = Path.Combine(_folder.Path, "tools") };
        var tools = await NodeTools.FindAsync(_folder.Path + Path.PathSeparator + options.SearchPath, default);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => AzuriteInstallation.EnsureAsync(options, tools, null, default))));

        Assert.Equal("run\n", await File.ReadAllTextAsync(Path.Combine(_folder.Path, "runs")));
    }

    [Fact]
    public async Task Start_EmulatorEndsAtOnce_RepeatsWhatItSaid()
    {
        Directory.CreateDirectory(Options.DataFolder!);
        await File.WriteAllTextAsync(Path.Combine(Options.DataFolder!, "__azurite_db_blob__.json"), "not a database");

        var thrown = await Assert.ThrowsAsync<StorageSetupException>(() => AzuriteProcess.StartAsync(Options));

        Assert.Contains("ended at once", thrown.Message, StringComparison.Ordinal);
    }

    private static BlobClient Blob(string connectionString) => BlobClients.Create(connectionString).GetBlobContainerClient("test").GetBlobClient("blob");

    private static async Task WriteAsync(string connectionString)
    {
        await BlobClients.Create(connectionString).GetBlobContainerClient("test").CreateAsync();
        await Blob(connectionString).UploadAsync(BinaryData.FromString("kept"));
    }

    private static async Task<string> ReadAsync(string connectionString) => (await Blob(connectionString).DownloadContentAsync()).Value.Content.ToString();

    private static async Task SignalAsync(string signal, AzuriteProcess azurite)
    {
        using var kill = Process.Start("kill", [$"-{signal}", azurite.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync().WaitAsync(s_patience);
    }

    private void WriteProgram(string name, string script)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("This test writes shell scripts.");
        }

        var path = Path.Combine(_folder.Path, name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private sealed class Steps : List<SetupStep>, IProgress<SetupStep>
    {
        public void Report(SetupStep value) => Add(value);
    }
}
