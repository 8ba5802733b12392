using FedRec.Core.Data;

namespace FedRec.Integration.Tests.Cli;

public sealed class NearestNameTests
{
    private static readonly string[] s_known = ["popularity", "item-knn", "ials"];

    [Theory]
    [InlineData("popularty", "popularity")]
    [InlineData("POPULARITY", "popularity")]
    [InlineData("itemknn", "item-knn")]
    [InlineData("ilas", "ials")]
    [InlineData("transformer", null)]
    public void Find_WithAMistypedWord_GivesTheOneThatWasMeant(string word, string? meant) => Assert.Equal(meant, NearestName.Find(word, s_known));

    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "acb", 1)]
    [InlineData("abcd", "abd", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Distance_OfKnownPairs_IsTheNumberOfEdits(string a, string b, int edits)
    {
        Assert.Equal(edits, NearestName.Distance(a, b));
        Assert.Equal(edits, NearestName.Distance(b, a));
    }
}
