using CsCheck;
using FedRec.Core.Data.Readers;

namespace FedRec.Core.Tests.Data.Readers;

public sealed class RecordReaderTests
{
    [Theory]
    [InlineData("a,b\nc,d", "1:a|b 2:c|d")]
    [InlineData("a,b\r\nc,d\r\n", "1:a|b 2:c|d")]
    [InlineData("a,b\rc,d\r", "1:a|b 2:c|d")]
    [InlineData("\n\na,b\n \n#c,\n", "3:a|b 5:#c|")]
    [InlineData("\"a\nb\r\nc\",d\ne,f\n", "1:a\nb\r\nc|d 4:e|f")]
    [InlineData("\"a\"\"b\",\"\"\nc\"d,e\n", "1:a\"b| 2:c\"d|e")]
    [InlineData("\"x\"\"\n\",1\ny,2\n", "1:x\"\n|1 3:y|2")]
    [InlineData("a,\"b\" c\nd,e\n", "1! 2:d|e")]
    [InlineData("a,\"\\\"b\"\nd,e\n", "1! 2:d|e")]
    [InlineData("a,\"b\nc,d\ne,f", "1! 2:c|d 3:e|f")]
    [InlineData("a,\"b\nc,d \"x\" y\ne,f", "1! 2! 3:e|f")]
    [InlineData(",\n", "1:|")]
    public void Read_AnyLines_GivesFieldsAndTheLineOfEach(string text, string expected) => Assert.Equal(expected, Show(text, new Separator(',')));

    [Theory]
    [InlineData("1::2:3::4\n", "1:1|2:3|4")]
    [InlineData("1::\n::", "1:1| 2:|")]
    public void Read_DoubledSeparator_LeavesOneAloneInItsField(string text, string expected) => Assert.Equal(expected, Show(text, Separator.Colons));

    [Theory]
    [InlineData("1 2\t 3\n  4  5  \n6", "1:1|2|3 2:4|5 3:6")]
    [InlineData("1 2 ", "1:1|2")]
    public void Read_Blanks_AreOneSeparatorHoweverManyTheyAre(string text, string expected) => Assert.Equal(expected, Show(text, Separator.Blanks));

    private static readonly string[] s_pieces = ["a", "bc", ",", "\"", "\"\"", "\n", "\r\n", "\r", " ", "::", "\t"];

    [Fact]
    public void Read_AnyText_DoesNotDependOnWhereItIsCutInMemory() => Gen.Int[0, s_pieces.Length - 1].Select(piece => s_pieces[piece]).Array[0, 40].Select(string.Concat).Sample(text =>
    {
        foreach (var separator in Separator.All)
        {
            var filler = new string('x', (1 << 16) - (text.Length / 2) - 2) + "\n"; // the text lies across the end of what is read at once

            Assert.Equal(Shift(Show(text, separator)), Show(filler + text, separator, skip: 1));
        }
    }, iter: 300, threads: 1);

    [Fact]
    public void Read_FieldWithoutEnd_IsABrokenRecordAndNotALimitOfTheFile()
    {
        var text = $"a,b\n\"{new string('x', RecordReader.LongestRecord + 5)}\nc,d\n";

        Assert.Equal("1:a|b 2! 3:c|d", Show(text, new Separator(',')));
    }

    private static string Show(string text, Separator separator, int skip = 0)
    {
        using var records = new RecordReader(new StringReader(text), [], separator, separator.Kind == SeparatorKind.Character);
        records.Skip(skip);
        var shown = new List<string>();
        while (records.Read())
        {
            shown.Add(records.Fault is null ? $"{records.Line}:{string.Join('|', Enumerable.Range(0, records.FieldCount).Select(i => records[i].ToString()))}" : $"{records.Line}!");
        }

        return string.Join(' ', shown);
    }

    // One line more stands above.
    private static string Shift(string shown) => System.Text.RegularExpressions.Regex.Replace(shown, @"(?<=^|\W)\b(\d+)(?=[:!])", line => $"{int.Parse(line.Value, System.Globalization.CultureInfo.InvariantCulture) + 1}");
}
