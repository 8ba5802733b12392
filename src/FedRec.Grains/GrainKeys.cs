using System.Globalization;

namespace FedRec.Grains;

/// <summary>How grain keys are put together: <c>federation</c>, <c>federation/number</c>, <c>federation/run</c>, <c>federation/run/round</c>.</summary>
internal static class GrainKeys
{
    public const int MaxNameLength = 64;

    public static string Client(string federation, int number) => string.Create(CultureInfo.InvariantCulture, $"{federation}/{number}");

    public static int ClientNumber(string key) => int.Parse(key.AsSpan(key.LastIndexOf('/') + 1), CultureInfo.InvariantCulture);

    public static string Run(string federation, string runId) => $"{federation}/{runId}";

    public static string Round(string runKey, int round) => string.Create(CultureInfo.InvariantCulture, $"{runKey}/{round}");

    /// <summary>The federation of a run's key.</summary>
    public static string Federation(string runKey) => runKey[..runKey.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>The run's id of its key.</summary>
    public static string RunId(string runKey) => runKey[(runKey.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>Checks the name of a federation, which becomes part of keys and blob names.</summary>
    /// <exception cref="ArgumentException">Empty, too long, or with a character that is not allowed.</exception>
    public static void RequireFederationName(string name)
    {
        if (name.Length is 0 or > MaxNameLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || !char.IsAsciiLetterOrDigit(name[0]))
        {
            throw new ArgumentException($"Federation name '{name}' must be 1 to {MaxNameLength} letters, digits, dots, dashes or underscores and begin with a letter or digit.", nameof(name));
        }
    }
}
