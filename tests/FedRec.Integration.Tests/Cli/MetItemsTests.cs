using System.CommandLine;
using FedRec.Cli.Commands;
using FedRec.Contracts.Recommendations;

namespace FedRec.Integration.Tests.Cli;

public class MetItemsTests
{
    [Theory]
    [InlineData("i1,i2", "i1|i2")]
    [InlineData(" i1 , i2,", "i1|i2")]
    [InlineData("\"Brazil, 1985\",172", "Brazil, 1985|172")]
    [InlineData("\"a=1\"", "a=1")]
    [InlineData("\"a \"\"b\"\"\"", "a \"b\"")]
    [InlineData("i1=4.5,\"x,y=z\"=3", "i1=4.5|x,y=z=3")]
    public void Read_List_GivesItsItems(string text, string expected) =>
        Assert.Equal(expected.Split('|'), Parse("--items", text).Items.Select(item => FormattableString.Invariant($"{item.Item}{(item.Rating is { } rating ? $"={rating}" : "")}")));

    [Theory]
    [InlineData("\"a,b")]
    [InlineData("\"a\"b")]
    [InlineData("=4")]
    [InlineData("a=x")]
    [InlineData("a=4,b")]
    public void Read_WhatIsNoList_IsRefused(string text) => Assert.Contains("--items", Parse("--items", text).Error, StringComparison.Ordinal);

    [Fact]
    public void Read_OptionsAfterTheList_AreOptions()
    {
        var parsed = Parse("--items", "i1,i2", "-k", "3", "--items", "i3");

        Assert.Equal(("i1 i2 i3", 3, ""), (string.Join(' ', parsed.Items.Select(item => item.Item)), parsed.Count, parsed.Error));
    }

    [Fact]
    public void Read_WordAfterTheList_IsNoItem() => Assert.NotEmpty(Parse("--items", "i1", "i2").Error);

    private static (IReadOnlyList<MetItem> Items, int Count, string Error) Parse(params string[] line)
    {
        var (items, count) = (MetItems.Option(), new Option<int>("-k"));
        var parsed = new Command("recommend") { items, count }.Parse(line);
        var error = string.Join(' ', parsed.Errors.Select(one => one.Message));
        return (error.Length > 0 ? [] : parsed.GetValue(items), parsed.GetValue(count), error);
    }
}
