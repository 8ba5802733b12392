using System.Text.Json;
using FedRec.Grains.Recommendations;
using FedRec.Hosting;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class AuditFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string File => AuditFiles.PathOf(_folder.Path, "bank");

    [Fact]
    public async Task Append_FromSeveralWritersAtOnce_KeepsEachAnswerWholeAndInOnePiece()
    {
        var writers = Enumerable.Range(0, 3).Select(_ => new AuditFiles(_folder.Path)).ToList(); // each has a lock of its own, as processes do

        await Task.WhenAll(Enumerable.Range(0, 600).Select(user => Task.Run(() => writers[user % 3].AppendAsync("bank", [Line(user, 1), Line(user, 2)]))));

        var lines = Read().Select(line => (line.GetProperty("user").GetString(), line.GetProperty("rank").GetInt32())).ToList();
        Assert.Equal(1_200, lines.Distinct().Count());
        Assert.All(lines.Chunk(2), pair => Assert.Equal((pair[0].Item1, 1, 2), (pair[1].Item1, pair[0].Item2, pair[1].Item2)));
        writers.ForEach(writer => writer.Dispose());
    }

    [Fact]
    public async Task Append_AfterALineThatAKillCutOff_BeginsALineOfItsOwn()
    {
        using var audit = new AuditFiles(_folder.Path);
        await audit.AppendAsync("bank", [Line(1, 1)]);
        var whole = await System.IO.File.ReadAllTextAsync(File);
        await System.IO.File.AppendAllTextAsync(File, whole[..20]);

        await audit.AppendAsync("bank", [Line(1, 1)]);

        Assert.Equal($"{whole}{whole[..20]}\n{whole}", await System.IO.File.ReadAllTextAsync(File));
    }

    [Fact]
    public async Task Append_WhileSomebodyReads_WaitsForThem()
    {
        using var audit = new AuditFiles(_folder.Path);
        await audit.AppendAsync("bank", [Line(1, 1)]);
        Task second;
        using (new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            second = audit.AppendAsync("bank", [Line(2, 1)]);
            Assert.False(second.IsCompleted);
        }

        await second;
        Assert.Equal(2, Read().Count);
    }

    [Fact]
    public async Task Append_ToANewFile_LetsOnlyItsOwnerRead()
    {
        using var audit = new AuditFiles(_folder.Path);

        await audit.AppendAsync("bank", [Line(1, 1)]);

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    private List<JsonElement> Read() => [.. System.IO.File.ReadAllLines(File).Select(line => JsonDocument.Parse(line).RootElement)];

    private static AuditLine Line(int user, int rank) => new()
    {
        At = DateTimeOffset.UnixEpoch,
        Federation = "bank",
        ModelVersion = 1,
        ModelSha256 = "00",
        User = $"customer-{user}",
        Item = "car policy",
        Rank = rank,
        Score = 0.5f,
        Rule = null,
        Because = [],
    };
}
