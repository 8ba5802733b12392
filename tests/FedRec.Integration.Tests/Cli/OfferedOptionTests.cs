using System.CommandLine;
using System.Text.RegularExpressions;
using FedRec.Cli;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Learners;
using FedRec.Hosting;
using FedRec.Integration.Tests.Storage;
using FedRec.Storage.Encryption;

namespace FedRec.Integration.Tests.Cli;

/// <summary>What a verb's help lists is taken by the verb; what goes with something else only, says with what.</summary>
public sealed partial class OfferedOptionTests : IDisposable
{
    private const string Csv = "ratings.csv";

    // An invitation of a coordinator that is not there.
    private static readonly string s_code = new PartyCode(new Uri("http://127.0.0.1:1/"), "", "shops", "0123", "remote-0123", "north", true, [1, 2, 3], DateTimeOffset.UnixEpoch, [], 0).Write();
    private static readonly HashSet<string> s_ofLearners = [.. LearnerRegistry.All.SelectMany(learner => learner.Options).Select(option => $"--{option.Name}")];

    /// <summary>Lines that a verb takes without the option, separated by bars; it is enough that one of them goes with it.</summary>
    private static readonly Dictionary<string, string> s_lines = new()
    {
        ["demo"] = $"demo|demo --data {Csv}",
        ["up"] = "up --storage azurite --stop",
        ["silo"] = "silo --storage azurite",
        ["simulate"] = $"simulate|simulate --data {Csv}",
        ["compare"] = $"compare|compare --data {Csv} --parties 2",
        ["eval"] = "eval",
        ["import"] = $"import {Csv}|import {Csv} --federation shop|import {Csv} --federation shop --client north",
        ["train"] = "train|train --federation shop",
        ["recommend"] = "recommend|recommend u1",
        ["similar"] = "similar i1",
        ["history add"] = "history add u1 i1",
        ["history remove"] = "history remove u1 i1",
        ["history forget"] = "history forget u1",
        ["history verify"] = "history verify no-certificate",
        ["organisation list"] = "organisation list",
        ["organisation bind"] = "organisation bind north region=eu",
        ["party invite"] = "party invite north --federation shops",
        ["party catalogue"] = $"party catalogue {Csv}",
        ["party approve"] = "party approve north",
        ["party list"] = "party list",
        ["party show"] = "party show north",
        ["party signatures"] = "party signatures run-1",
        ["party suspend"] = "party suspend north",
        ["party resume"] = "party resume north",
        ["party remove"] = "party remove north",
        ["party join"] = $"party join {s_code}|party join {s_code} --data {Csv}|party join {s_code} --connection-file secret --query x|party join {s_code} --provider secret --query x|party join {s_code} --query x",
        ["party check"] = "party check",
        ["party forget"] = "party forget north",
        ["party move"] = "party move https://fedrec.example.org/",
        ["party run"] = "party run",
        ["party rotate"] = "party rotate",
        ["party follow"] = "party follow NOTICE",
        ["privacy audit"] = $"privacy audit --out no-folder/audit|privacy audit --out no-folder/audit --data {Csv}|privacy audit --data {Csv}",
        ["privacy ledger show"] = "privacy ledger show",
        ["privacy ledger verify"] = "privacy ledger verify",
        ["privacy ledger export"] = "privacy ledger export new",
        ["privacy budget"] = "privacy budget 4",
        ["access key create"] = "access key create ada",
        ["access log"] = "access log",
        ["access key list"] = "access key list",
        ["access key revoke"] = "access key revoke 0123456789ab",
        ["store status"] = "store status",
        ["store rewrite"] = "store rewrite",
        ["store key create"] = "store key create new",
        ["store key add"] = "store key add keys",
        ["model list"] = "model list",
        ["model show"] = "model show",
        ["model promote"] = "model promote 1",
        ["model rollback"] = "model rollback",
        ["model pin"] = "model pin 1",
        ["model unpin"] = "model unpin 1",
        ["model export"] = "model export|model export --to new",
        ["data inspect"] = $"data inspect|data inspect {Csv}|data inspect --parties 2",
        ["data split"] = $"data split {Csv} --parties 2|data split {Csv} --parties 2 --out new|data split {Csv} --out new",
        ["data align"] = "data align parties --salt-file secret|data align parties --out new|data align parties --out new --salt-file secret",
        ["data pseudonymize"] = $"data pseudonymize {Csv} --key-file secret|data pseudonymize {Csv} --out new.csv|data pseudonymize {Csv} --out new.csv --key-file secret",
        ["data synth"] = "data synth|data synth --out new",
        ["run start"] = "run start|run start --federation shop|run start --federation shop --cluster http://127.0.0.1:1",
        ["run list"] = "run list|run list --cluster http://127.0.0.1:1",
        ["run watch"] = "run watch|run watch --cluster http://127.0.0.1:1",
        ["run stop"] = "run stop|run stop --cluster http://127.0.0.1:1",
        ["run parties"] = "run parties|run parties --cluster http://127.0.0.1:1",
        ["run resume"] = "run resume|run resume --cluster http://127.0.0.1:1",
        ["run compare"] = "run compare run-1 run-2|run compare run-1 run-2 --cluster http://127.0.0.1:1",
        ["run export"] = "run export|run export --out new|run export --out new --cluster http://127.0.0.1:1",
        ["bench serve"] = $"bench serve|bench serve --data {Csv}|bench serve --url http://127.0.0.1:1",
        ["privacy plan"] = "privacy plan --users 9 --cohort 2 --rounds 2 --noise 2|privacy plan --cohort 2 --rounds 2 --noise 2|privacy plan --users 9 --rounds 2 --noise 2"
            + "|privacy plan --users 9 --cohort 2 --noise 2|privacy plan --users 9 --cohort 2 --rounds 2",
        ["doctor"] = "doctor",
    };

    /// <summary>A value of each kind that help names, and of some options.</summary>
    private static readonly Dictionary<string, string> s_values = $"""
        N:2 S:3 P:0.5 X:0.5 TIME:30s K,K:5,10 N|BASELINE:popularity all|none|A,B:none USER:u1 ITEM:i1 ITEM,…:i1 STEP,…:zstd ITEM[=RATING],…:i1 TAG:drama DIR:new DIR|FILE:new PATH:{Csv}
        CHARACTER:comma FILE:secret URL|PROFILE|NAME:http://127.0.0.1:1 URL:http://127.0.0.1:1 idle,sustained,click,training,promote:idle METRIC=X:loss=0.4 KIND=W,...:view=1 WORD=KIND,...:seen=view NAME=VALUE:region=eu NAME=VALUE,…:region=eu
        --user-column:user --item-column:item --time-column:timestamp --rating-column:rating --kind-column:kind --encoding:latin1 --learner:mf --federation:other --warm-start-from:other
        --schema:schema.json --sweep:sweep.json --salt-file:secret --key-file:secret --storage:azurite --test-share:0.2 --items:50 --clients:50 --delta:0.01 --users:50 --canaries:50 HASH:00
        """.Split(' ', '\n').Where(word => word.Length > 0).ToDictionary(word => word[..word.IndexOf(':')], word => word[(word.IndexOf(':') + 1)..]);

    private readonly TemporaryFolder _folder = new();

    public OfferedOptionTests()
    {
        Write(Csv, "user,item,rating,timestamp,kind\nu1,i1,4,1,seen\nu1,i2,5,2,seen\nu2,i1,3,3,seen\nu2,i3,4,4,seen\n");
        Write("schema.json", "{}");
        Write("sweep.json", """{"grid": {"rounds": [1, 2]}}""");
        Write("secret", new string('s', 64));
        Write("no-folder", "");
        StorageKeyFile.Save(Path.Combine(_folder.Path, "keys"), new KeyRing(StorageKey.Create("k1")), replaces: false);
        Write(Path.Combine("parties", "a", Csv), "user,item\nu1,i1\n");
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Paths() => [.. Leaves("", Verbs.Create(CommandRun.Terminal(Path.GetTempPath()))).Select(leaf => leaf.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Help_OfAVerb_ListsWhatTheVerbTakes_OrSaysWithWhat(string path)
    {
        var command = Leaves("", Verbs.Create(CommandRun.Terminal(_folder.Path))).Single(leaf => leaf.Path == path).Command;
        var listed = command.Options.Where(option => !option.Hidden && !s_ofLearners.Contains(option.Name)).ToList();
        var words = listed.SelectMany(option => (option.HelpName ?? "").Split('|', ',').Append(option.Name)).Where(word => word.Length > 2).ToHashSet();
        var silent = new List<string>();
        foreach (var option in listed)
        {
            if (await RefusalAsync(path, option) is { } refusal)
            {
                var named = Word().Matches(refusal).Select(match => match.Value).Where(words.Contains).Except([option.Name]);
                if (!named.Any(word => Word().Matches(option.Description!).Any(match => match.Value == word)))
                {
                    silent.Add($"{option.Name}: {refusal}");
                }
            }
        }

        Assert.True(silent.Count == 0, string.Join("\n", silent));
    }

    [Theory]
    [InlineData("simulate", "--sweep", $"simulate --sweep sweep.json|simulate --sweep sweep.json --data {Csv}")]
    [InlineData("simulate", "--schema", $"simulate --learner mlp --schema schema.json --data {Csv}")]
    [InlineData("simulate", "--personalize", $"simulate --personalize fine-tune|simulate --personalize fine-tune --data {Csv}")]
    [InlineData("simulate", "--personalize", $"simulate --personalize clusters|simulate --personalize clusters --data {Csv}")]
    [InlineData("simulate", "--warm-start", $"simulate --warm-start 1|simulate --warm-start 1 --data {Csv}")]
    [InlineData("eval", "--shared", "eval --shared")]
    [InlineData("data inspect", "--schema", $"data inspect {Csv} --schema schema.json")]
    public async Task Help_OfWhatDoesNotGoWithAnother_SaysSo(string path, string mode, string line)
    {
        var command = Leaves("", Verbs.Create(CommandRun.Terminal(_folder.Path))).Single(leaf => leaf.Path == path).Command;
        var ofMode = command.Options.Single(option => option.Name == mode);
        var silent = new List<string>();
        foreach (var option in command.Options.Where(option => !option.Hidden && !s_ofLearners.Contains(option.Name)))
        {
            if (await RefusalAsync(path, option) is null && await RefusalAsync(line, option) is { } refusal && refusal.Contains(mode[2..], StringComparison.Ordinal)
                && !option.Description!.Contains(mode, StringComparison.Ordinal) && !ofMode.Description!.Contains(option.Name, StringComparison.Ordinal))
            {
                silent.Add($"{option.Name}: {refusal}");
            }
        }

        Assert.True(silent.Count == 0, string.Join("\n", silent));
    }

    // The data folder cannot be made, so that what is accepted ends there.
    private async Task<string?> RefusalAsync(string path, Option option)
    {
        string[] value = option.ValueType == typeof(bool) ? [option.Name] : [option.Name, ValueOf(option)];
        var home = new Dictionary<string, string> { ["FEDREC_DATA_HOME"] = Path.Combine(_folder.Path, "no-folder", "home") };
        string? refusal = null;
        foreach (var line in s_lines.GetValueOrDefault(path, path).Split('|').Where(line => !line.Contains($" {option.Name}", StringComparison.Ordinal)))
        {
            var run = await CommandRun.OfAsync(_folder.Path, home, [.. line.Split(' '), .. value]);
            if (run.ExitCode != ExitCode.Usage)
            {
                return null;
            }

            refusal = run.Error;
        }

        return refusal;
    }

    private static string ValueOf(Option option) => s_values.GetValueOrDefault(option.Name) ?? s_values.GetValueOrDefault(option.HelpName!) ?? option.HelpName!.Split('|', ',')[^1];

    private void Write(string name, string text)
    {
        var file = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(string path, IEnumerable<Command> commands) => commands.SelectMany(command =>
        command.Subcommands.Count == 0 ? [($"{path} {command.Name}".Trim(), command)] : Leaves($"{path} {command.Name}", command.Subcommands));

    [GeneratedRegex("(--)?[a-z][a-z-]*[a-z0-9]")]
    private static partial Regex Word();
}
