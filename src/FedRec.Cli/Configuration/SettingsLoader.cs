using System.Globalization;
using System.Text;
using System.Text.Json;
using FedRec.Core.Data;
using FedRec.Hosting;
using FedRec.Hosting.Configuration;

namespace FedRec.Cli.Configuration;

/// <summary>Resolves the configuration: defaults &lt; files &lt; profile &lt; environment &lt; <c>--set</c>.</summary>
internal static class SettingsLoader
{
    private const string Root = "FedRec:";
    private const string VariablePrefix = "FEDREC__";

    /// <summary>Loads and checks everything; the later layer wins key by key.</summary>
    /// <exception cref="CliException">A folder, key or value is not usable; the message says where it stands.</exception>
    /// <param name="terminal">Its variables, and the current folder.</param>
    /// <param name="folder">Folder of the files; null for the usual places.</param>
    /// <param name="profile">Given by <c>--profile</c>; null without.</param>
    /// <param name="assignments">Given by <c>--set</c>.</param>
    /// <param name="cluster">A profile, or else the name of a cluster; null for what is configured.</param>
    public static FedRecSettings Load(Terminal terminal, string? folder, string? profile, IEnumerable<string> assignments, string? cluster = null)
    {
        folder = FindFolder(terminal, folder);
        if (cluster is not null && folder is not null && File.Exists(FileOf(folder, cluster)))
        {
            profile = profile is null || profile == cluster ? cluster
                : throw new CliException(ExitCode.Usage, $"--cluster {cluster} and --profile {profile} are two profiles.", "Give one of them.");
        }
        else if (cluster is not null)
        {
            assignments = assignments.Append($"Silo.Cluster={cluster}");
        }

        var host = new FedRecOptions { Home = DataFolder.OfUser(terminal.Variable, terminal.Folder), Here = terminal.Folder };
        var given = new Dictionary<string, Setting>(StringComparer.OrdinalIgnoreCase);
        var settings = new FedRecSettings(host) { Folder = folder, Given = given };
        IEnumerable<Setting> layers = [.. Files(folder, profile ?? terminal.Variable("FEDREC_PROFILE")), .. Variables(terminal), .. assignments.Select(Assignment)];
        try
        {
            foreach (var setting in layers)
            {
                given[SettingKey.Find(settings.Keys, setting).Key] = setting;
            }

            foreach (var setting in given.Values)
            {
                SettingKey.Find(settings.Keys, setting).Apply(setting);
            }
        }
        catch (SettingException e)
        {
            throw new CliException(ExitCode.BadConfiguration, e.Message, e.Next, e);
        }

        return settings.Storage is { Kind: "blob", ConnectionString: "" }
            ? throw new CliException(ExitCode.BadConfiguration, "FedRec:Storage:Kind is 'blob', but FedRec:Storage:ConnectionString is empty.",
                "Set the variable FEDREC__Storage__ConnectionString, or use --set Storage.Kind=azurite.")
            : settings;
    }

    private static string? FindFolder(Terminal terminal, string? given)
    {
        if (given is not null)
        {
            var path = Path.GetFullPath(given, terminal.Folder);
            return Directory.Exists(path) ? path
                : throw new CliException(ExitCode.BadConfiguration, $"The configuration folder {path} does not exist.", "Give an existing folder to --config, or leave it out.");
        }

        string[] places = [Path.Combine(terminal.Folder, "silo-config"), Path.Combine(AppContext.BaseDirectory, "silo-config")];
        return places.FirstOrDefault(Directory.Exists);
    }

    private static IEnumerable<Setting> Files(string? folder, string? profile)
    {
        var main = folder is null ? null : Path.Combine(folder, "appsettings.json");
        var settings = File.Exists(main) ? JsonSettings.Read(main) : [];
        return profile is null ? settings : settings.Concat(JsonSettings.Read(ProfileFile(folder, profile)));
    }

    private static string FileOf(string? folder, string profile) => Path.Combine(folder ?? "", $"appsettings.{profile}.json");

    private static string ProfileFile(string? folder, string profile)
    {
        var file = FileOf(folder, profile);
        if (folder is not null && File.Exists(file))
        {
            return file;
        }

        string[] known = folder is null ? [] : [.. Directory.EnumerateFiles(folder, "appsettings.*.json").Select(f => Path.GetFileName(f)[12..^5]).Order(StringComparer.Ordinal)];
        throw new CliException(ExitCode.BadConfiguration, $"There is no profile '{profile}': {file} does not exist.",
            known.Length == 0 ? "Leave --profile out." : NearestName.Sentence(profile, known));
    }

    private static IEnumerable<Setting> Variables(Terminal terminal) => terminal.Variables
        .Where(v => v.Key.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase))
        .OrderBy(v => v.Key, StringComparer.Ordinal)
        .Select(v => new Setting(Root + v.Key[VariablePrefix.Length..].Replace("__", ":", StringComparison.Ordinal), v.Value, $"environment variable {v.Key}"));

    private static Setting Assignment(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        var key = at > 0 ? text[..at].Trim().Replace('.', ':') : throw new CliException(ExitCode.Usage, $"--set {text} has no value.", "Write it as --set Web.Port=8080.");
        return new Setting(key.StartsWith(Root, StringComparison.OrdinalIgnoreCase) ? key : Root + key, text[(at + 1)..], $"--set {text[..at]}");
    }
}

/// <summary>Reads a JSON file into flat settings that know their line.</summary>
internal static class JsonSettings
{
    private static readonly JsonReaderOptions s_options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <exception cref="CliException">The file is not JSON, or holds a list where a value belongs.</exception>
    public static IEnumerable<Setting> Read(string file)
    {
        var settings = new List<Setting>();
        var bytes = File.ReadAllBytes(file);
        try
        {
            Read(bytes, file, settings);
        }
        catch (JsonException e)
        {
            throw new CliException(ExitCode.BadConfiguration, $"{file}, line {e.LineNumber + 1}: not valid JSON. {e.Message}",
                "Correct the line, or leave the file out with --config.", e);
        }

        return settings;
    }

    private static void Read(byte[] bytes, string file, List<Setting> settings)
    {
        var bom = Encoding.UTF8.Preamble;
        var text = bytes.AsSpan().StartsWith(bom) ? bytes.AsSpan(bom.Length) : bytes;
        var reader = new Utf8JsonReader(text, s_options);
        var path = new Stack<string>();
        var name = "";
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = reader.GetString()!;
                    break;
                case JsonTokenType.StartObject:
                    path.Push(path.Count == 0 ? "" : path.Peek() + name + ":");
                    break;
                case JsonTokenType.EndObject:
                    path.Pop();
                    break;
                default:
                    settings.Add(Value(ref reader, text, path.TryPeek(out var prefix) ? prefix + name : "", file));
                    break;
            }
        }
    }

    private static Setting Value(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, string key, string file)
    {
        var line = text[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;
        var origin = string.Create(CultureInfo.InvariantCulture, $"{file}, line {line}");
        return key.Length > 0 && reader.TokenType is not JsonTokenType.StartArray
            ? new Setting(key, reader.TokenType is JsonTokenType.String ? reader.GetString()! : Raw(reader), origin)
            : throw new CliException(ExitCode.BadConfiguration, $"{origin}: a list where {(key.Length > 0 ? key : "an object")} belongs.",
                "Settings are single values in sections; silo-config/README.md shows them.");
    }

    private static string Raw(Utf8JsonReader reader) => Encoding.UTF8.GetString(reader.ValueSpan);
}
