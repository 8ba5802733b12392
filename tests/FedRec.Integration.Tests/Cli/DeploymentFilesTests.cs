using System.Text.RegularExpressions;
using FedRec.Cli;
using FedRec.Cli.Configuration;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Profiles and container files name what the program has: no engine runs them here.</summary>
public sealed partial class DeploymentFilesTests
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "silo-config");

    public static TheoryData<string> Profiles { get; } = [.. Directory.GetFiles(s_folder, "appsettings.*.json").Select(file => Path.GetFileName(file)[12..^5]).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Containers { get; } = ["Containerfile", "compose.yaml", "kubernetes.yaml"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Profile_IsReadAndNamedInTheReadme(string profile)
    {
        Assert.NotEmpty(Load(profile).Given);
        Assert.Contains($"`{profile}`", File.ReadAllText(Path.Combine(s_folder, "README.md")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public void ContainerFile_NamesKeysPortsAndAddressesThatThereAre(string name)
    {
        var text = File.ReadAllText(Path.Combine(s_folder, "container", name));
        var production = Load("production");
        int[] ports = [production.Web.Port, production.Silo.SiloPort, production.Silo.GatewayPort];

        Assert.Empty(Variable().Matches(text).Select(found => $"FedRec:{found.Groups[1].Value.Replace("__", ":", StringComparison.Ordinal)}").Except(production.Keys.Select(key => key.Key)));
        Assert.Empty(Port().Matches(text).Select(found => int.Parse(found.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).Except(ports));
        Assert.Empty(Health().Matches(text).Select(found => found.Value).Except(["/health/live", "/health/ready"]));
        foreach (Match grace in Grace().Matches(text))
        {
            Assert.InRange(int.Parse(grace.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), production.Web.DrainSeconds + 30, 600); // the silos' orderly end takes up to 30 s
        }

        Assert.All(Source().Matches(text).Select(found => found.Groups[1].Value), path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path));
    }

    [Theory]
    [InlineData("fedrec-party@.service")]
    [InlineData("compose.yaml")]
    public void PartyFile_HasCommandsThatTheProgramTakes(string name)
    {
        var text = File.ReadAllText(Path.Combine(s_folder, "party", name));
        var root = CliApp.CreateRoot(CommandRun.Terminal(Path.GetTempPath()));
        var lines = PartyLine().Matches(text).Select(found => found.Value.Replace("\"", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal).Replace("%i", "north", StringComparison.Ordinal)
            .Replace("${PARTY_PORT}", "5090", StringComparison.Ordinal)).ToArray();

        Assert.Equal(2, lines.Length); // how it joins, and how it runs
        Assert.All(lines, line => Assert.Empty(root.Parse(line).Errors));
        Assert.All(Source().Matches(text).Select(found => found.Groups[1].Value), path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path));
    }

    [Fact]
    public void PartyUnit_KnowsWhatTheProgramEndsWith()
    {
        var unit = File.ReadAllLines(Path.Combine(s_folder, "party", "fedrec-party@.service"));

        Assert.Contains($"SuccessExitStatus={ExitCode.Terminated}", unit);
        Assert.Contains($"RestartPreventExitStatus={ExitCode.Usage} {ExitCode.BadConfiguration}", unit);
        Assert.DoesNotContain(unit, line => line.StartsWith("MemoryDenyWriteExecute", StringComparison.Ordinal)); // code is compiled as it runs
    }

    // The secret is the one thing that no file has.
    private static FedRecSettings Load(string profile) =>
        SettingsLoader.Load(CommandRun.Terminal(Path.GetTempPath(), variables: new Dictionary<string, string> { ["FEDREC__Storage__ConnectionString"] = "of the machine" }), s_folder, profile, []);

    [GeneratedRegex("""(?<![\w-])"?party"?,? "?(?:join|run)\b.*?(?=\]|$)""", RegexOptions.Multiline)]
    private static partial Regex PartyLine();

    [GeneratedRegex("FEDREC__([A-Za-z]+(?:__[A-Za-z]+)+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?:containerPort: |EXPOSE |EXPOSE \d+ |EXPOSE \d+ \d+ |:808\d:)(\d+)")]
    private static partial Regex Port();

    [GeneratedRegex("/health/[a-z]+")]
    private static partial Regex Health();

    [GeneratedRegex(@"(?:terminationGracePeriodSeconds: |stop_grace_period: )(\d+)")]
    private static partial Regex Grace();

    [GeneratedRegex(@"(?:dockerfile: |publish )(\S+?)(?=[,}\s])")]
    private static partial Regex Source();
}
