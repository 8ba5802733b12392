using FedRec.Cli;

namespace FedRec.Integration.Tests.Cli;

public sealed class OptionNameTests
{
    [Fact]
    public void Simulate_OptionsOfRunsAndOfLearners_HaveNamesOfTheirOwn()
    {
        var names = Verbs.Create(CommandRun.Terminal(Path.GetTempPath())).Single(verb => verb.Name == "simulate").Options.Select(option => option.Name).ToList();

        Assert.True(names.Count > 40);
        Assert.Equal(names.Distinct(), names);
    }
}
