using System.Globalization;
using System.Text;
using System.Text.Json;
using FedRec.Hosting.Configuration;

namespace FedRec.Cli.Configuration;

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
