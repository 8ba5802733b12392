namespace FedRec.Storage;

/// <summary>Azure's rule for container names, checked before the first request so that the error names the setting.</summary>
internal static class ContainerNames
{
    public const string Rule = "3 to 63 lower-case letters, digits and single dashes, with a letter or digit first and last";

    public static bool IsValid(string? name) =>
        name is { Length: >= 3 and <= 63 }
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        && name[0] != '-' && name[^1] != '-' && !name.Contains("--", StringComparison.Ordinal);

    public static void Check(string name)
    {
        if (!IsValid(name))
        {
            throw new ArgumentException($"'{name}' is not a container name: {Rule}.", nameof(name));
        }
    }
}
