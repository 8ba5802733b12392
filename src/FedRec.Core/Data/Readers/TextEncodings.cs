using System.Text;

namespace FedRec.Core.Data.Readers;

/// <summary>How text is written as bytes, by the usual names: <c>utf-8</c>, <c>latin1</c>, <c>windows-1252</c>, <c>shift_jis</c> and so on.</summary>
internal static class TextEncodings
{
    /// <summary>Looks an encoding up.</summary>
    /// <exception cref="ArgumentException">None is called so.</exception>
    public static Encoding Find(string name)
    {
        try
        {
            return name.ToUpperInvariant() is "LATIN1" or "LATIN-1" or "ISO-8859-1" ? Encoding.Latin1
                : CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ArgumentException($"The encoding is '{name}'; it must be a name such as utf-8, utf-16, latin1, windows-1252, shift_jis or gb18030.", nameof(name));
        }
    }
}
