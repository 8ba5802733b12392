using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FedRec.Cli.Output;

/// <summary>The one way in which answers become JSON.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions s_indented = Create(indented: true);
    private static readonly JsonSerializerOptions s_line = Create(indented: false);

    public static string Indented<T>(T value) => JsonSerializer.Serialize(value, s_indented);

    public static string Line<T>(T value) => JsonSerializer.Serialize(value, s_line);

    /// <summary>Reads back what <see cref="Indented"/> wrote.</summary>
    /// <exception cref="JsonException">The text is something else.</exception>
    public static T? Read<T>(string text) => JsonSerializer.Deserialize<T>(text, s_indented);

    private static JsonSerializerOptions Create(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        NewLine = "\n",
        // Titles and ids stay readable: the text goes to a file or a terminal, not into a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
}
