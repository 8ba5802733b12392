using System.Security.Cryptography;
using FedRec.Cli;
using FedRec.Cli.Parties;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Data.Readers;
using FedRec.Integration.Tests.EndToEnd;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>A party whose folder cannot be used says which file, why and what next, whatever it was to do; nothing is half-written.</summary>
public sealed class PartyFilesTests : IDisposable
{
    private static readonly string[] s_ofRun = ["lock", "running", "releases.jsonl"]; // made by whoever begins to run
    private readonly TemporaryFolder _files = new();

    public PartyFilesTests() => File.WriteAllText(Path.Combine(_files.Path, "orders.csv"), "user,item,timestamp\nu1,i1,1700000000\nu1,i2,1700000001\nu2,i1,1700000002\n");

    private string Party => Path.Combine(_files.Path, "north");

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("orders.csv", "orders.csv cannot be made: a file is in its place.")]
    [InlineData("orders.csv/parties/north", "orders.csv is a file, and no folder.")]
    public async Task Join_WhereNoFolderCanBe_SaysSo_AndLeavesNothing(string folder, string words)
    {
        var before = Everything();

        var run = await CommandRun.OfAsync(_files.Path, "party", "join", FakeCoordinator.Code.Write(), "--data", "orders.csv", "--folder", folder);

        Refused(run, Path.Combine(_files.Path, folder), words);
        Assert.Equal(before, Everything());
    }

    [Theory]
    [InlineData("key.pem/", "key.pem cannot be read: a folder is in its place.")]
    [InlineData("key.pem", "key.pem cannot be read: it holds no private key in PEM.")]
    [InlineData("key.pem.new/", "key.pem.new is a folder.")]
    [InlineData("party.json/", "party.json cannot be read: a folder is in its place.")]
    [InlineData("party.json", "party.json does not say where the party belongs to")]
    [InlineData("party.json.new/", "party.json.new is a folder.")]
    [InlineData("key.pem.new->/dev/full", "key.pem cannot be written: the disk is full.")]
    [InlineData("party.json.new->/dev/full", "party.json cannot be written: the disk is full.")]
    public async Task Join_WhereAFileCannotBe_SaysWhich_AndLeavesNothing(string obstacle, string words)
    {
        if (obstacle.Contains("->", StringComparison.Ordinal) && !OperatingSystem.IsLinux())
        {
            return;
        }

        Directory.CreateDirectory(Party);
        Put(obstacle);
        var before = Everything();

        var run = await CommandRun.OfAsync(_files.Path, "party", "join", FakeCoordinator.Code.Write(), "--data", "orders.csv", "--folder", "north");

        if (obstacle.Contains("->", StringComparison.Ordinal))
        {
            before = [.. before.Where(entry => !entry.Contains(".new", StringComparison.Ordinal))]; // its own draft is taken away
        }

        Refused(run, Party, words);
        Assert.Equal(before, Everything());
    }

    public static TheoryData<string, string, string> Obstacles
    {
        get
        {
            var all = new TheoryData<string, string, string>();
            foreach (var verb in new[] { "run", "rotate", "check", "follow" })
            {
                all.Add(verb, "party.json/", "party.json cannot be read: a folder is in its place.");
                all.Add(verb, "party.json", "party.json does not say where the party belongs to");
                all.Add(verb, "party.json={}", "party.json does not say where the party belongs to");
            }

            foreach (var verb in new[] { "run", "rotate", "check" })
            {
                all.Add(verb, "key.pem/", "key.pem cannot be read: a folder is in its place.");
                all.Add(verb, "key.pem", "key.pem cannot be read: it holds no private key in PEM.");
                all.Add(verb, "key.pem=", "key.pem cannot be read: it is not there.");
            }

            all.Add("run", "lock/", "lock cannot be locked: a folder is in its place.");
            all.Add("run", "running/", "running cannot be written: a folder is in its place.");
            all.Add("run", "releases.jsonl/", "releases.jsonl cannot be written: a folder is in its place.");
            all.Add("check", "releases.jsonl/", "releases.jsonl cannot be written: a folder is in its place.");
            all.Add("run", "policy.json/", "policy.json cannot be read: a folder is in its place; the party does nothing by a policy that it cannot read.");
            all.Add("check", "policy.json/", "policy.json cannot be read: a folder is in its place; the party does nothing by a policy that it cannot read.");
            all.Add("rotate", "key.next.pem/", "key.next.pem cannot be read: a folder is in its place.");
            if (OperatingSystem.IsLinux()) // has a device that is always full
            {
                all.Add("run", "running.new->/dev/full", "running cannot be written: the disk is full.");
                all.Add("rotate", "key.next.pem.new->/dev/full", "key.next.pem cannot be written: the disk is full.");
                all.Add("follow", "party.json.new->/dev/full", "party.json cannot be written: the disk is full.");
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Obstacles))]
    public async Task Verb_OfAPartyWithAFileThatCannotBeUsed_SaysWhich_AndLeavesTheOthers(string verb, string obstacle, string words)
    {
        using var coordinator = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var code = FakeCoordinator.Code with { ServerKey = coordinator.ExportSubjectPublicKeyInfo() };
        PartyFolder.Create(Party, new PartyMembership(code, Path.Combine(_files.Path, "orders.csv"), new ReadingOptions()));
        Put(obstacle);
        var before = Everything();

        using var limit = new CancellationTokenSource(FedRecProcess.Limit); // whoever is not refused goes on and on
        var run = await CommandRun.OfAsync(_files.Path, null, limit.Token, ["party", verb, .. verb == "follow" ? [Notice(coordinator)] : Array.Empty<string>(), "--folder", "north", .. verb == "check" ? new[] { "--format", "json" } : []]);

        if (verb == "check" && run.Out.Length > 0)
        {
            var wrong = run.Json.GetProperty("checks").EnumerateArray().First(check => !check.GetProperty("ok").GetBoolean());
            Assert.Equal(ExitCode.Failed, run.ExitCode);
            Assert.Contains(words, wrong.GetProperty("found").GetString(), StringComparison.Ordinal);
            Assert.NotEmpty(wrong.GetProperty("fix").GetString()!);
        }
        else
        {
            Refused(run, Party, words, obstacle.StartsWith("policy", StringComparison.Ordinal) ? ExitCode.BadConfiguration : ExitCode.Failed);
        }

        Assert.Equal(before.Where(IsOfOthers), Everything().Where(IsOfOthers));

        bool IsOfOthers(string entry) => !(verb == "run" && s_ofRun.Contains(entry.Split(' ')[0].Split('/')[^1])) && !entry.Contains(".new", StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ThatFails_LeavesTheFileOfBefore()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var file = Path.Combine(_files.Path, "orders.csv");
        Put("orders.csv.new->/dev/full", _files.Path);
        var before = File.ReadAllBytes(file);

        var failure = Assert.Throws<PartyFileException>(() => PartyFiles.Write(file, "something else"));

        Assert.Equal(($"{file} cannot be written: the disk is full.", true), (failure.Message, failure.Next.StartsWith("Free some space there", StringComparison.Ordinal)));
        Assert.Equal(before, File.ReadAllBytes(file));
        Assert.False(Path.Exists($"{file}.new"));
    }

    [Theory]
    [InlineData("/", "party-tls.pem cannot be read: a folder is in its place.")]
    [InlineData("", "party-tls.pem holds no certificate with its private key.")]
    public void Certificate_ThatCannotBe_IsNamedWithWhatToDo_AndIsNotMadeAnew(string kind, string words)
    {
        var home = Directory.CreateDirectory(Path.Combine(_files.Path, "home")).FullName;
        Put($"party-tls.pem{kind}", home);
        var before = Everything();
        var context = new CommandContext(CommandRun.Terminal(_files.Path), CliApp.CreateRoot(CommandRun.Terminal(_files.Path)).Parse(["party", "list"]));

        var failure = Assert.Throws<CliException>(() => PartyCertificate.Open(context));

        Assert.Equal(ExitCode.Failed, failure.ExitCode);
        Assert.Contains(Path.Combine(home, words), failure.Message, StringComparison.Ordinal);
        Assert.Contains("Put it back from a copy", failure.Next, StringComparison.Ordinal);
        Assert.Equal(before, Everything());
    }

    private static void Refused(CommandRun run, string where, string words, int exitCode = ExitCode.Failed)
    {
        Assert.Equal(exitCode, run.ExitCode);
        var error = Assert.Single(run.Error.Split('\n'), line => line.StartsWith("error: ", StringComparison.Ordinal));
        Assert.Contains(where, error, StringComparison.Ordinal);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n'), line => line.StartsWith("  next: ", StringComparison.Ordinal));
        Assert.DoesNotContain("Exception", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    private static string Notice(ECDsa coordinator)
    {
        var move = new PartyMove("https://new.example.org/", "", 1, default);
        return PartyMoves.Write(move with { Signature = PartyKeys.Sign(coordinator, PartyStatements.OfMove(FakeCoordinator.Federation, FakeCoordinator.Code.Server, move)) });
    }

    // name/ is a folder, name->target a link, name=text a file with that text or none at all, and name a file with something else in it.
    private void Put(string obstacle, string? folder = null)
    {
        var (name, text, target) = (obstacle.Split("->")[0].Split('=')[0].TrimEnd('/'), obstacle.Split('='), obstacle.Split("->"));
        var path = Path.Combine(folder ?? Party, name);
        File.Delete(path);
        if (target.Length > 1)
        {
            File.CreateSymbolicLink(path, target[1]);
        }
        else if (obstacle.EndsWith('/'))
        {
            Directory.CreateDirectory(path);
        }
        else if (text is not [_, ""])
        {
            File.WriteAllText(path, text is [_, var given] ? given : "something else");
        }
    }

    private string[] Everything() => [.. Directory.EnumerateFileSystemEntries(_files.Path, "*", SearchOption.AllDirectories)
        .Select(entry => $"{Path.GetRelativePath(_files.Path, entry)} {(File.Exists(entry) && new FileInfo(entry).LinkTarget is null ? PartyStatements.Sha256(File.ReadAllBytes(entry)) : "")}").Order(StringComparer.Ordinal)];
}
