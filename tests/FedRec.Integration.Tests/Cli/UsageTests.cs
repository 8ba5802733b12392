using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class UsageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("simulat", "simulate")]
    [InlineData("deploy --help", "'deploy' is not known to fedrec.")]
    [InlineData("deploy --port 80 --help", "'deploy' is not known to fedrec.")]
    [InlineData("--verbos --help", "--verbose")]
    [InlineData("model bogus --help", "'bogus' is not known to fedrec model.")]
    [InlineData("model lst --help", "Did you mean list?")]
    [InlineData("history bogus", "'bogus' is not known to fedrec history.")]
    [InlineData("list", "Did you mean fedrec organisation list, fedrec party list, fedrec run list, fedrec model list, fedrec access key list or fedrec store key list?")]
    [InlineData("data inspect a.csv b.csv --help", "'b.csv' is not known to fedrec data inspect.")]
    [InlineData("simulate --dimz 3 --help", "--dims")]
    [InlineData("simulate --learner fm --help", "mf")]
    [InlineData("compare --learner fm --help", "mf")]
    [InlineData("simulate --dimz 3", "--dims")]
    [InlineData("simulate --learner fm", "mf")]
    [InlineData("simulate --dims many", "1 to 256")]
    [InlineData("simulate --objective l2", "least-squares")]
    [InlineData("simulate --rounds x", "whole number")]
    [InlineData("simulate --dropout 1", "less than 1")]
    [InlineData("simulate --deadline soon", "30s")]
    [InlineData("simulate --baselines popularty", "popularity")]
    [InlineData("simulate --data u.data --clients 5", "--clients")]
    [InlineData("simulate --split by-time", "leave-last-out, random, temporal")]
    [InlineData("simulate --split random --test-share 0.2", "test-share is 0.2; it must be left out with the split random")]
    [InlineData("simulate --split temporal --test-share 0.5", "less than 0.5")]
    [InlineData("simulate --split temporal --test-share 1", "less than 1")]
    [InlineData("simulate --data nowhere.csv", "nowhere.csv")]
    [InlineData("simulate --server-optimizer nadam", "default, sgd, adagrad, adam, yogi")]
    [InlineData("simulate --server-optimizer yogi --server-momentum 0.9", "--server-momentum; sgd has it")]
    [InlineData("simulate --server-optimizer fedavg --server-beta1 0.5", "adam and yogi have it")]
    [InlineData("simulate --server-beta2 1", "less than 1")]
    [InlineData("simulate --server-epsilon 0", "above 0")]
    [InlineData("simulate --server-lr-schedule linear", "constant, step, exponential, cosine")]
    [InlineData("simulate --server-lr-schedule step --server-lr-decay 2", "at most 1")]
    [InlineData("simulate --server-lr-decay 0.5", "step and exponential have it")]
    [InlineData("simulate --target ndcg@10", "ndcg@10=0.07")]
    [InlineData("simulate --weighting median", "examples, capped, uniform, inverse, loss")]
    [InlineData("simulate --weighting capped", "--weight-cap 100")]
    [InlineData("simulate --set Web", "--set Web.Port=8080")]
    [InlineData("eval --k 5,zero", "5,10,20")]
    [InlineData("recommend", "fedrec recommend u17")]
    [InlineData("recommend u1 --items i1", "not both")]
    [InlineData("recommend --items i1=x", "i1=4.5,i2=3")]
    [InlineData("recommend --items i1=4,i2", "give all of them one, or none")]
    [InlineData("recommend u1 --exclude i1=4", "double quotes")]
    [InlineData("recommend u1 --exclude \"i1", "double quotes")]
    [InlineData("recommend u1 --offset -1", "from 0 to 9999")]
    [InlineData("recommend u1 --offset 9991", "place 10,000")]
    [InlineData("similar", "fedrec similar 50")]
    [InlineData("similar i1 -k 0", "1 to 1000")]
    [InlineData("similar i1 i2", "i2")]
    [InlineData("simulate --scaffold on", "use logistic or bpr")]
    [InlineData("simulate --personalize cluster", "none, fine-tune, additive, interpolate, clusters")]
    [InlineData("simulate --personalize clusters --personal-clusters 0", "1 to 16")]
    [InlineData("simulate --personalize clusters --personal-clusters 17", "1 to 16")]
    [InlineData("simulate --personalize clusters --personal-warm-up 0", "1 to 1000000")]
    [InlineData("simulate --personal-clusters 3", "--personalize clusters")]
    [InlineData("simulate --personalize fine-tune --personal-warm-up 3", "--personalize clusters")]
    [InlineData("simulate --personal-l1 3", "--personalize fine-tune, additive or interpolate")]
    [InlineData("simulate --personalize clusters --personal-steps 3", "--personalize fine-tune, additive or interpolate")]
    [InlineData("simulate --split k-fold", "leave-last-out, random")]
    [InlineData("simulate --clean robots", "duplicates, bots, outliers")]
    [InlineData("data inspect --clean bots,bots", "at most once")]
    [InlineData("data inspect --alpha 0.1", "--parties 20")]
    [InlineData("data inspect --parties 5000", "at most as many")]
    [InlineData("history add 42", "item")]
    [InlineData("history add 42 181 --rating good", "rating")]
    [InlineData("model", "model list")]
    [InlineData("model promote first", "whole numbers")]
    [InlineData("data inspect nowhere.csv", "nowhere.csv")]
    [InlineData("data pseudonymize nowhere.csv --out out.csv", "--key-file")]
    [InlineData("data pseudonymize nowhere.csv --key-file nowhere.txt --out out.csv", "nowhere.txt")]
    [InlineData("data pseudonymize nowhere.csv --key-file nowhere.txt --out out.csv --bits 8", "64, 128")]
    [InlineData("doctor --format xml", "csv")]
    [InlineData("demo --port 99999", "65535")]
    public async Task RunAsync_WithAWrongLine_ExitsWithUsageAndSaysWhatIsRight(string line, string hint)
    {
        var run = await CommandRun.OfAsync(_folder.Path, line.Split(' '));

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Out));
        Assert.Contains(hint, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "runs")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("demo")]
    [InlineData("simulate")]
    [InlineData("eval")]
    [InlineData("recommend")]
    [InlineData("similar")]
    [InlineData("model")]
    [InlineData("model export")]
    [InlineData("data")]
    [InlineData("data inspect")]
    [InlineData("data synth")]
    [InlineData("data pseudonymize")]
    [InlineData("doctor")]
    public async Task Help_OfEveryVerb_TeachesByExamples(string verb)
    {
        var run = await CommandRun.OfAsync(_folder.Path, [.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("Examples:", run.Out, StringComparison.Ordinal);
        Assert.Contains($"  fedrec {verb}".TrimEnd(), run.Out, StringComparison.Ordinal);
    }
}
