using System.Diagnostics;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using FedRec.Hosting.Azurite;
using FedRec.Storage;

namespace FedRec.Integration.Tests.Storage;

/// <summary>What the emulator has answered is there after a kill, whatever it was, whenever it came.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class EmulatorKillTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private AzuriteProcess _azurite = null!;
    private BlobServiceClient _blobs = null!;
    private TableServiceClient _tables = null!;

    private string Data => Path.Combine(_folder.Path, "data");

    public async Task InitializeAsync()
    {
        _azurite = await AzuriteProcess.StartAsync(new AzuriteOptions { DataFolder = Data });
        (_blobs, _tables) = (BlobClients.Create(_azurite.ConnectionString), TableClients.Create(_azurite.ConnectionString));
    }

    public async Task DisposeAsync() => await _azurite.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_AfterAnyChanges_HasAllOfThemAndNothingElse()
    {
        var random = new Random(7);
        var expected = new SortedSet<string>(StringComparer.Ordinal);
        for (var kill = 0; kill < 8; kill++)
        {
            for (var changes = random.Next(1, 40); changes > 0; changes--)
            {
                await ChangeAsync(random, expected);
            }

            await KillAsync();
            Assert.Equal(expected, await ReadAsync());
        }

        await _azurite.StopAsync(); // and it has the same after an end in order
        await _azurite.RestartAsync(default);
        Assert.Equal(expected, await ReadAsync());
    }

    [Fact]
    public async Task Killed_WhileItWrites_HasAtLeastWhatItHasAnswered()
    {
        await _blobs.CreateBlobContainerAsync("counts");
        for (var kill = 0; kill < 4; kill++)
        {
            var answered = new int[6];
            using var killed = new CancellationTokenSource();
            var writers = answered.Select((_, writer) => CountAsync(writer, answered, killed.Token)).ToList();
            while (answered.Sum() < 60)
            {
                await Task.Delay(1);
            }

            var before = answered.ToArray();
            using (var process = Process.GetProcessById(_azurite.ProcessId))
            {
                process.Kill();
            }

            await killed.CancelAsync();
            await Task.WhenAll(writers);
            await _azurite.RestartAsync(default);
            for (var writer = 0; writer < answered.Length; writer++)
            {
                Assert.InRange((await Blob("counts", $"{writer}").DownloadContentAsync()).Value.Content.ToObjectFromJson<int>(), before[writer], answered[writer] + 1);
            }
        }
    }

    // Half a line was never answered.
    [Fact]
    public async Task Killed_InTheMiddleOfALine_HasWhatCameBefore_AndWhatComesAfter()
    {
        await _blobs.CreateBlobContainerAsync("kept");
        await Blob("kept", "first").UploadAsync(BinaryData.FromString("1"));
        File.AppendAllText(Journals().Single(), "[\"__azurite_db_blob__.json\",\"$BLOBS_COLL");

        await KillAsync();
        await Blob("kept", "second").UploadAsync(BinaryData.FromString("2"));
        await KillAsync();

        Assert.Equal(["kept/first=1", "kept/second=2"], await ReadAsync());
    }

    // A kill after the databases were written, and before the journal that they hold is removed.
    [Fact]
    public async Task Killed_WithAJournalThatTheDatabasesHold_TakesNothingFromIt()
    {
        await _blobs.CreateBlobContainerAsync("kept");
        var journal = Journals().Single();
        await Blob("kept", "word").UploadAsync(BinaryData.FromString("first"));
        var earlier = await File.ReadAllBytesAsync(journal);
        await Blob("kept", "word").UploadAsync(BinaryData.FromString("second"), overwrite: true);
        await Blob("kept", "more").UploadAsync(BinaryData.FromString("third"));

        await KillAsync(); // has all of it written
        await KillAsync(() => File.WriteAllBytes(journal, earlier));

        Assert.Equal(["kept/more=third", "kept/word=second"], await ReadAsync());
        await Blob("kept", "word").DeleteAsync();
        Assert.Equal(["kept/more=third"], await ReadAsync());
    }

    // A kill while they are written: the blobs are those of before.
    [Fact]
    public async Task Killed_WithTwoJournals_HasWhatBothSay()
    {
        await _blobs.CreateBlobContainerAsync("kept");
        var (journal, blobs) = (Journals().Single(), await File.ReadAllBytesAsync(Path.Combine(Data, "__azurite_db_blob__.json")));
        await Blob("kept", "word").UploadAsync(BinaryData.FromString("first"));
        var earlier = await File.ReadAllBytesAsync(journal);
        await Blob("kept", "word").UploadAsync(BinaryData.FromString("second"), overwrite: true);
        await Blob("kept", "more").UploadAsync(BinaryData.FromString("third"));
        var later = (await File.ReadAllBytesAsync(journal))[earlier.Length..];

        await KillAsync(() =>
        {
            File.Delete(journal);
            File.WriteAllBytes(Path.Combine(Data, "__fedrec_journal_9__"), earlier);
            File.WriteAllBytes(Path.Combine(Data, "__fedrec_journal_10__"), later);
            File.WriteAllBytes(Path.Combine(Data, "__azurite_db_blob__.json"), blobs);
        });

        Assert.Equal(["kept/more=third", "kept/word=second"], await ReadAsync());
        Assert.EndsWith("_11__", Journals().Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Journal_ThatHasGrown_IsFoldedIntoTheDatabases()
    {
        await _blobs.CreateBlobContainerAsync("kept");
        var first = Journals().Single();
        for (var number = 0; first == Journals().Single(); number++)
        {
            Assert.InRange(number, 0, 400); // 6 kB each; a megabyte is enough
            await Blob("kept", "large").UploadAsync(BinaryData.FromString($"{number}"), new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["words"] = new('x', 6_000) } });
        }

        var expected = await ReadAsync();
        Assert.InRange(new FileInfo(Journals().Single()).Length, 0, 1 << 20);
        await KillAsync();
        Assert.Equal(expected, await ReadAsync());
    }

    private IEnumerable<string> Journals() => Directory.EnumerateFiles(Data, "__fedrec_journal_*");

    private BlobClient Blob(string container, string name) => _blobs.GetBlobContainerClient(container).GetBlobClient(name);

    private async Task CountAsync(int writer, int[] answered, CancellationToken killed)
    {
        try
        {
            for (var count = 1; ; count++)
            {
                await Blob("counts", $"{writer}").UploadAsync(BinaryData.FromObjectAsJson(count), overwrite: true, killed);
                answered[writer] = count;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or RequestFailedException or AggregateException or IOException)
        {
            // the emulator is gone
        }
    }

    private async Task KillAsync(Action? before = null)
    {
        using (var process = Process.GetProcessById(_azurite.ProcessId))
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        before?.Invoke();
        await _azurite.RestartAsync(default);
    }

    private async Task ChangeAsync(Random random, SortedSet<string> expected)
    {
        var (place, name, value) = ($"place{random.Next(3)}", $"name{random.Next(6)}", random.Next(1000));
        expected.RemoveWhere(one => one.StartsWith($"{place}/{name}=", StringComparison.Ordinal) || one.StartsWith($"{place}T/{name}=", StringComparison.Ordinal));
        switch (random.Next(8))
        {
            case 0: // all of a place at once
                await _blobs.GetBlobContainerClient(place).DeleteIfExistsAsync();
                await _tables.DeleteTableAsync($"{place}T");
                expected.RemoveWhere(one => one.StartsWith(place, StringComparison.Ordinal));
                break;
            case < 3:
                await _blobs.GetBlobContainerClient(place).CreateIfNotExistsAsync();
                await Blob(place, name).DeleteIfExistsAsync();
                await _tables.GetTableClient($"{place}T").CreateIfNotExistsAsync();
                await _tables.GetTableClient($"{place}T").DeleteEntityAsync("all", name);
                break;
            default:
                await _blobs.GetBlobContainerClient(place).CreateIfNotExistsAsync();
                await Blob(place, name).UploadAsync(BinaryData.FromString($"{value}"), overwrite: true);
                await _tables.GetTableClient($"{place}T").CreateIfNotExistsAsync();
                await _tables.GetTableClient($"{place}T").UpsertEntityAsync(new TableEntity("all", name) { ["value"] = value });
                expected.Add($"{place}/{name}={value}");
                expected.Add($"{place}T/{name}={value}");
                break;
        }
    }

    private async Task<SortedSet<string>> ReadAsync()
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var container in _blobs.GetBlobContainersAsync())
        {
            await foreach (var blob in _blobs.GetBlobContainerClient(container.Name).GetBlobsAsync(BlobTraits.None, BlobStates.None, null, default))
            {
                found.Add($"{container.Name}/{blob.Name}={(await Blob(container.Name, blob.Name).DownloadContentAsync()).Value.Content}");
            }
        }

        await foreach (var table in _tables.QueryAsync())
        {
            await foreach (var entity in _tables.GetTableClient(table.Name).QueryAsync<TableEntity>())
            {
                found.Add($"{table.Name}/{entity.RowKey}={entity["value"]}");
            }
        }

        return found;
    }
}
