namespace FedRec.Core.Snapshots;

/// <summary>The rules for what names stored model content; every store applies the same ones, so that content can move between stores.</summary>
public static class ModelKey
{
    /// <summary>Longest name of a federation or of content, in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Checks the name of a federation.</summary>
    /// <param name="federation">1 to 100 ASCII letters, digits, dots, dashes, underscores; begins and ends with a letter or digit.</param>
    /// <exception cref="ArgumentException">The name breaks the rule.</exception>
    public static void CheckFederation(string federation) => CheckText(federation, nameof(federation), "federation");

    /// <summary>Checks the name of content inside a version.</summary>
    /// <param name="name">As for a federation, such as <c>tensors.safetensors</c>.</param>
    /// <exception cref="ArgumentException">The name breaks the rule.</exception>
    public static void CheckName(string name) => CheckText(name, nameof(name), "content");

    /// <summary>Checks a version.</summary>
    /// <param name="version">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public static void CheckVersion(long version) => ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);

    /// <summary>Checks the form of a content hash.</summary>
    /// <param name="sha256">64 lower-case hexadecimal digits.</param>
    /// <exception cref="ArgumentException">Not of that form.</exception>
    public static void CheckHash(string sha256)
    {
        ArgumentNullException.ThrowIfNull(sha256);
        if (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigitLower))
        {
            throw new ArgumentException($"'{sha256}' is not a SHA-256 of 64 lower-case hexadecimal digits.", nameof(sha256));
        }
    }

    /// <summary>Checks that content has the hash it is stored under.</summary>
    /// <param name="sha256">64 lower-case hexadecimal digits.</param>
    /// <param name="content">The bytes.</param>
    /// <exception cref="ArgumentException">The content has another hash.</exception>
    public static void CheckContent(string sha256, ReadOnlySpan<byte> content)
    {
        CheckHash(sha256);
        var actual = Safetensors.Sha256(content);
        if (actual != sha256)
        {
            throw new ArgumentException($"The content has the SHA-256 {actual}, not {sha256}.", nameof(sha256));
        }
    }

    private static void CheckText(string value, string parameter, string what)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, parameter);
        if (value.Length > MaxNameLength || !value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            || !char.IsAsciiLetterOrDigit(value[0]) || !char.IsAsciiLetterOrDigit(value[^1]))
        {
            throw new ArgumentException(
                $"'{value}' is not a {what} name: 1 to {MaxNameLength} letters, digits, dots, dashes or underscores, with a letter or digit first and last.", parameter);
        }
    }
}
