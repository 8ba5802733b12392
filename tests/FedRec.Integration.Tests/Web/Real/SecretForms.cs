using System.Globalization;
using System.Text;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>A secret in every form in which a program may show it.</summary>
/// <param name="Name">What is told of it when it is found.</param>
/// <param name="Bytes">The secret, 8 bytes or more.</param>
internal sealed record SecretForms(string Name, byte[] Bytes)
{
    /// <summary>A secret that is text: as it is, and what it stands for where it is hexadecimal or base64.</summary>
    public static IEnumerable<SecretForms> OfText(string name, string text)
    {
        yield return new(name, Encoding.UTF8.GetBytes(text));
        var bytes = new byte[text.Length];
        if (text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit))
        {
            yield return new($"{name}, decoded", Convert.FromHexString(text));
        }
        else if (Convert.TryFromBase64String(text, bytes, out var length) && length >= 8)
        {
            yield return new($"{name}, decoded", bytes[..length]);
        }
    }

    /// <summary>In which forms it is in some bytes.</summary>
    public IEnumerable<string> FoundIn(byte[] bytes) => Patterns().Where(pattern => bytes.AsSpan().IndexOf(pattern.Bytes) >= 0).Select(pattern => $"{Name} ({pattern.Form})");

    private IEnumerable<(string Form, byte[] Bytes)> Patterns()
    {
        yield return ("as it is", Bytes);
        yield return ("UTF-16", Encoding.Unicode.GetBytes(Encoding.Latin1.GetString(Bytes)));
        IEnumerable<(string Form, string Text)> texts =
        [
            ("hexadecimal", Convert.ToHexStringLower(Bytes)), ("HEXADECIMAL", Convert.ToHexString(Bytes)), ("hexadecimal with dashes", BitConverter.ToString(Bytes)),
            ("a list of numbers", string.Join(",", Bytes.Select(b => b.ToString(CultureInfo.InvariantCulture)))), ("a list of numbers, spaced", string.Join(", ", Bytes.Select(b => b.ToString(CultureInfo.InvariantCulture)))),
            .. Enumerable.Range(0, 3).Select(before => ("base64", Base64(before))), .. Enumerable.Range(0, 3).Select(before => ("base64url", Base64(before).Replace('+', '-').Replace('/', '_'))),
            .. Enumerable.Range(0, 3).Select(before => ("base64 in JSON", Base64(before).Replace("+", "\\u002B", StringComparison.Ordinal))),
        ];
        foreach (var (form, text) in texts)
        {
            yield return (form, Encoding.ASCII.GetBytes(text));
            yield return ($"{form}, UTF-16", Encoding.Unicode.GetBytes(text));
        }
    }

    // Its letters in the base64 of something in which it stands behind other bytes: those that no neighbour has a part in.
    private string Base64(int before)
    {
        var text = Convert.ToBase64String([.. new byte[before], .. Bytes]).TrimEnd('=');
        var first = ((before * 8) + 5) / 6;
        return text[first..((before + Bytes.Length) * 8 / 6)];
    }
}

/// <summary>The search finds what is there.</summary>
public sealed class SecretFormsTests
{
    [Fact]
    public void FoundIn_AnyForm_IsFound_AndNothingElse()
    {
        byte[] secret = [.. Enumerable.Range(0, 32).Select(i => (byte)((i * 89) + 250))];
        var forms = new SecretForms("it", secret);
        string[] texts =
        [
            $"key={Convert.ToBase64String(secret)};", Convert.ToBase64String([1, .. secret, 2]), Convert.ToBase64String([1, 2, .. secret]), $"x{Convert.ToHexString(secret)}", BitConverter.ToString(secret),
            System.Text.Json.JsonSerializer.Serialize(new { key = secret }), System.Text.Json.JsonSerializer.Serialize(secret.Select(b => (int)b)), System.Buffers.Text.Base64Url.EncodeToString(secret),
        ];

        Assert.All(texts, text => Assert.NotEmpty(forms.FoundIn(Encoding.UTF8.GetBytes(text))));
        Assert.All(texts, text => Assert.NotEmpty(forms.FoundIn(Encoding.Unicode.GetBytes(text))));
        Assert.NotEmpty(forms.FoundIn([0, .. secret, 0]));
        secret[^1] ^= 0x80;
        Assert.All(texts, text => Assert.Empty(new SecretForms("other", [.. secret]).FoundIn(Encoding.UTF8.GetBytes(text))));
    }
}
