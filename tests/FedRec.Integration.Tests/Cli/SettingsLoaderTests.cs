using FedRec.Cli;
using FedRec.Cli.Configuration;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class SettingsLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_WithEveryLayer_TakesTheLastThatNamesTheKey()
    {
        Write("appsettings.json", """{ "FedRec": { "Web": { "Port": 1001 }, "Silo": { "SiloPort": 2001 }, "Training": { "CachedRuns": 5 } } }""");
        Write("appsettings.lab.json", """{ "FedRec": { "Web": { "Port": 1002 }, "Silo": { "SiloPort": 2002 } } }""");

        var settings = Load(new() { ["FEDREC__Web__Port"] = "1003", ["FEDREC_PROFILE"] = "lab" }, "Web.Port=1004");

        Assert.Equal((1004, 2002, 5, 4), (settings.Web.Port, settings.Silo.SiloPort, settings.Training.CachedRuns, settings.Training.CachedVersions));
        Assert.Equal("--set Web.Port", settings.Given["FedRec:Web:Port"].Origin);
    }

    [Fact]
    public void Load_WithAnUnknownKeyInAFile_NamesFileLineAndTheKeyThatWasMeant()
    {
        Write("appsettings.json", "{\n  \"FedRec\": {\n    // a comment\n    \"Web\": {\n      \"Prot\": 1\n    }\n  }\n}");

        var error = Assert.Throws<CliException>(() => Load());

        Assert.Equal(ExitCode.BadConfiguration, error.ExitCode);
        Assert.Contains($"FedRec:Web:Prot ({Path.Combine(ConfigurationFolder, "appsettings.json")}, line 5)", error.Message, StringComparison.Ordinal);
        Assert.Contains("FedRec:Web:Port", error.Next, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Web.Port=many", "whole number")]
    [InlineData("Training.AskInBatches=often", "true or false")]
    [InlineData("Web.Port=70000", "between 0 and 65535")]
    [InlineData("Storage.Kind=disk", "Kind")]
    [InlineData("Silo.LogLevel=Loud", "Warning")]
    [InlineData("Training.FlushInterval=soon", "duration")]
    public void Load_WithAValueThatIsNotAllowed_SaysWhatIs(string assignment, string allowed)
    {
        var error = Assert.Throws<CliException>(() => Load([], assignment));

        Assert.Equal(ExitCode.BadConfiguration, error.ExitCode);
        Assert.Contains(allowed, error.Message, StringComparison.Ordinal);
        Assert.Contains("--set", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WithBrokenJson_NamesTheLine()
    {
        Write("appsettings.json", "{\n  \"FedRec\": {\n    \"Web\": {,}\n  }\n}");

        var error = Assert.Throws<CliException>(() => Load());

        Assert.Contains("appsettings.json, line 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WithAProfileThatIsNotThere_NamesTheOneThatWasMeant()
    {
        Write("appsettings.memory.json", "{}");

        var error = Assert.Throws<CliException>(() => Load(new() { ["FEDREC_PROFILE"] = "memry" }));

        Assert.Equal(ExitCode.BadConfiguration, error.ExitCode);
        Assert.Equal("Did you mean memory?", error.Next);
    }

    [Fact]
    public void Load_WithAConnectionStringOnly_UsesBlobStorageAndNeverShowsIt()
    {
        var settings = Load(new() { ["FEDREC__Storage__ConnectionString"] = "AccountKey=secret" });

        Assert.Equal("blob", settings.Storage.ResolvedKind);
        Assert.DoesNotContain(settings.Keys, key => key.Show().Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_WithoutFiles_HasTheDefaults()
    {
        Directory.CreateDirectory(ConfigurationFolder);

        var settings = Load();

        Assert.Equal(("azurite", 5080, 20), (settings.Storage.ResolvedKind, settings.Web.Port, settings.Models.Keep));
    }

    [Fact]
    public void ShippedFiles_HoldKnownKeysOnly()
    {
        var shipped = Path.Combine(AppContext.BaseDirectory, "silo-config");

        foreach (var profile in new[] { null, "memory" })
        {
            var settings = SettingsLoader.Load(CommandRun.Terminal(_folder.Path), shipped, profile, []);

            Assert.Equal(profile ?? "azurite", settings.Storage.ResolvedKind);
        }
    }

    [Fact]
    public void ShippedReadme_NamesEveryKey()
    {
        var readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "silo-config", "README.md"));

        Assert.All(new FedRecSettings().Keys, key => Assert.Contains($"| `{key.Key}` |", readme, StringComparison.Ordinal));
    }

    private string ConfigurationFolder => Path.Combine(_folder.Path, "silo-config");

    private FedRecSettings Load(Dictionary<string, string>? variables = null, params string[] assignments)
    {
        Directory.CreateDirectory(ConfigurationFolder);
        return SettingsLoader.Load(CommandRun.Terminal(_folder.Path, variables: variables), null, null, assignments);
    }

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(ConfigurationFolder);
        File.WriteAllText(Path.Combine(ConfigurationFolder, file), text);
    }
}
