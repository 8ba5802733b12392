using CsCheck;
using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data;

public class LinearTextTests
{
    [Fact]
    public void Unescape_OfAnyEscapedText_IsTheTextAndIsOnOneLineInOneField() => Gen.String[Gen.OneOf(Gen.Char["\\\t\n\rtnr x"], Gen.Char.AlphaNumeric), 0, 20].Sample(text =>
    {
        var written = LinearText.Escape(text);

        Assert.Equal(text, LinearText.Unescape(written));
        Assert.Equal(-1, written.IndexOfAny(['\t', '\n', '\r']));
    });

    [Theory]
    [InlineData("a\\x", "a\\x")]
    [InlineData("a\\", "a\\")]
    public void Unescape_BackslashBeforeAnotherLetter_StandsForItself(string written, string text) => Assert.Equal(text, LinearText.Unescape(written));
}
