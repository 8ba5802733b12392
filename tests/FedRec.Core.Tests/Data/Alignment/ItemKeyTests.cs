using FedRec.Core.Data.Alignment;

namespace FedRec.Core.Tests.Data.Alignment;

public sealed class ItemKeyTests
{
    [Theory]
    [InlineData("Godfather, The (1972)", "the godfather 1972")]
    [InlineData("The Godfather 1972", "the godfather 1972")]
    [InlineData("  Amélie – (2001) ", "amelie 2001")]
    [InlineData("AME\u0301LIE", "amelie")]
    [InlineData("Straße Łódź Ærø ÷ Ÿ ŽIŽEK", "strasse lodz aero y zizek")]
    [InlineData("Schindler's List", "schindlers list")]
    [InlineData("Lock & Key", "lock and key")]
    [InlineData("ＦＵＬＬ width", "full width")]
    [InlineData("八犬伝", "八犬伝")]
    [InlineData("???", "???")]
    [InlineData("C++", "c++")]
    [InlineData("C# in Depth", "c# in depth")]
    [InlineData("Blood + Sand, 1+1", "blood sand 1 1")]
    [InlineData("C", "c")]
    public void OfTitle_WrittenDifferently_IsOneKey(string title, string expected) => Assert.Equal("title:" + expected, ItemKey.OfTitle(title));

    [Theory]
    [InlineData("AB-123", "ab123")]
    [InlineData(" ab 123", "ab123")]
    [InlineData("978-3-16-148410-0", "9783161484100")]
    [InlineData("--", "--")]
    public void OfId_WrittenDifferently_IsOneKey(string id, string expected) => Assert.Equal("id:" + expected, ItemKey.OfId(id));
}
