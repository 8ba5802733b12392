using System.CommandLine;
using FedRec.Cli;
using FedRec.Core.Learners;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Every number on a command line is checked when it is read, in our words, which name both limits.</summary>
public sealed class NumericOptionTests : IDisposable
{
    private static readonly string[] s_numbers = ["N", "X", "P", "S"]; // what help calls a number
    private static readonly string[] s_wrong = ["1e30", "-1e30", "NaN", "many"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The numeric options of every verb; those of learners are read by the learners.</summary>
    public static TheoryData<string, string> Options()
    {
        var data = new TheoryData<string, string>();
        var own = LearnerRegistry.All.SelectMany(learner => learner.Options).Select(option => $"--{option.Name}").ToHashSet(StringComparer.Ordinal);
        foreach (var (path, command) in Verbs.Create(CommandRun.Terminal(Path.GetTempPath())).SelectMany(verb => Leaves(verb.Name, verb)))
        {
            foreach (var option in command.Options.Where(option => s_numbers.Contains(option.HelpName) && !own.Contains(option.Name)))
            {
                data.Add(path, option.Name);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Parse_NumberOutOfRange_IsRefusedWithBothLimits(string verb, string option)
    {
        var command = Verbs.Create(CommandRun.Terminal(_folder.Path)).SelectMany(one => Leaves(one.Name, one)).First(leaf => leaf.Path == verb).Command;

        Assert.All(s_wrong, wrong =>
        {
            var error = command.Parse(verb is "recommend" or "similar" ? ["u1", option, wrong] : [option, wrong]).Errors.First(one => one.Message.StartsWith(option, StringComparison.Ordinal)).Message;
            Assert.Matches($"^{option} is '{wrong}'; it must be a (whole )?number (from -?[0-9.]+ to (less than )?[0-9]+|above 0, at most [0-9.]+)\\.$", error);
        });
    }

    [Fact]
    public async Task Simulate_NumberOfALearnerOutOfRange_IsRefusedWithBothLimits()
    {
        foreach (var learner in LearnerRegistry.All)
        {
            foreach (var option in learner.Options.Where(option => option.Kind is not LearnerOptionKind.Choice))
            {
                var run = await CommandRun.OfAsync(_folder.Path, "simulate", "--learner", learner.Name, $"--{option.Name}", "1e30");

                Assert.Equal(ExitCode.Usage, run.ExitCode);
                Assert.Contains($"The option {option.Name} is '1e30'; it must be {option.Range}", run.Error, StringComparison.Ordinal);
                Assert.Contains(" to ", option.Range, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Parsers_OfEveryOptionAndArgument_AreOurs()
    {
        var plain = new[] { typeof(string), typeof(string[]), typeof(bool), typeof(long) }; // a version: see ModelCommand
        foreach (var (path, command) in Verbs.Create(CommandRun.Terminal(_folder.Path)).SelectMany(verb => Leaves(verb.Name, verb)))
        {
            Assert.All(command.Options.Where(option => !plain.Contains(option.ValueType)), option =>
                Assert.True(option.GetType().GetProperty("CustomParser")!.GetValue(option) is not null, $"{path} {option.Name} is read by the library, whose messages are not ours."));
        }
    }

    [Theory]
    [InlineData("--cohort 5 --report-goal 10", "report-goal is 10; it must be at most the cohort size 5")]
    [InlineData("--server-lr 1e30", "--server-lr is '1e30'; it must be a number from 0 to 1000000000")]
    [InlineData("--parties 100", "--parties is 100; the data has 32 users")]
    [InlineData("--parties 100 --party-alpha 0.1", "--parties is 100; the data has 32 users")]
    [InlineData("--weighting capped --weight-cap 1e-11", "weight-cap is 1E-11; with weighting capped it must be 0 (no cap) or 1 to")]
    [InlineData("--weighting uniform --weight-cap 3", "weighting uniform has none")]
    [InlineData("--dropout 0.6 --straggler 0.6", "straggler is 0.6; it must be a chance in [0, 1), below 1 together with dropout")]
    [InlineData("--quorum 0", "quorum is 0")]
    [InlineData("--deadline 25h", "deadline is")]
    [InlineData("--learner ease --rounds 3", "rounds is 3; it must be 7 for ease")]
    [InlineData("--learner ease --personalize fine-tune", "adds up exact statistics")]
    [InlineData("--learner two-tower --personalize clusters", "two-tower has no personalisation clusters")]
    [InlineData("--max-share 0.1 --weighting uniform", "max-share is 0.1")]
    [InlineData("--baselines ials,sasrec", "has no times, and so users' items no order")]
    [InlineData("--target ndcg@7=0.1", "target is 'ndcg@7'")]
    public async Task Simulate_WhatTheFederationWouldRefuse_IsRefusedBeforeThereIsASilo(string options, string expected)
    {
        var file = Path.Combine(_folder.Path, "ratings.csv");
        await File.WriteAllTextAsync(file, "user,item\n" + string.Concat(Enumerable.Range(0, 32 * 6).Select(i => $"u{i % 32},i{(i * 7) % 23}\n")));

        var run = await CommandRun.OfAsync(_folder.Path, ["simulate", "--data", file, .. options.Split(' ')]);

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", run.Error, StringComparison.Ordinal);
        Assert.Equal(["ratings.csv"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName)); // no store, no run folder
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(string path, Command command) => command.Subcommands.Count == 0
        ? [(path, command)] : command.Subcommands.SelectMany(verb => Leaves($"{path} {verb.Name}", verb));
}
