using FedRec.Core.Data;
using FedRec.Core.Data.Cleaning;

namespace FedRec.Core.Tests.Data;

public sealed class ContextDataTests : IDisposable
{
    private const string Films = "user,item,timestamp\na,1,3\na,2,9\nb,1,5\nb,3,4\n";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_ContextData_JoinsUsersByIdAndKeepsItemsApart()
    {
        var data = Open(Films, "user,item,timestamp\na,1,99\nc,2,99\nb,9,1\nb,9,2\n");

        Assert.Equal("a: 1 context/1; b: 3 context/9; c: context/2", data.Show(data.Train));
        Assert.Equal("a: 2; b: 1", data.Show(data.Test)); // the latest of all is a context item, and stays
        Assert.Equal([3, 4, 5], data.Catalogue.Context);
        Assert.Contains("3 interactions with 3 items of another domain are known of users", data.Protocol, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ContextData_CountsItsRowsAndUsersApart()
    {
        var rows = Films + "a,1,2\n"; // once more
        var data = Open(rows, "user,item,timestamp\na,1,99\na,1,98\nc,2,99\nd,2,1\n", CleaningRules.Bots);

        Assert.Equal((5, 1, 0), (data.Report.Rows, data.Report.Duplicates, data.Report.BadRows));
        var (items, interactions, shared, others, read) = data.Report.Context!;
        Assert.Equal((2, 3, 1, 2), (items, interactions, shared, others));
        Assert.Equal((4, 1, new RemovedRows(0, 0, 0)), (read.Rows, read.Duplicates, read.Removed));
        Assert.Contains("of another domain (cleaning removed 0 repeated events", data.Protocol, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ContextData_LeavesItemNumbersAndTheSplitOfUsersWithTwoAsTheyWere()
    {
        var plain = Open(Films, null);
        var data = Open(Films, "user,item,timestamp\nb,1,99\n");

        Assert.Equal(plain.Show(plain.Test), data.Show(data.Test));
        Assert.Equal(Enumerable.Range(0, plain.Items.Count).Select(item => plain.Items[item]), Enumerable.Range(0, plain.Items.Count).Select(item => data.Items[item]));
    }

    [Fact]
    public void Apply_ContextItems_AreNeverRecommended()
    {
        var data = Open(Films, "user,item,timestamp\na,1,99\nb,9,1\n");
        var scores = new float[data.Items.Count];

        data.Candidates.Apply(new int[] { 0 }, null, scores);

        Assert.Equal([false, false, false, true, true], scores.Select(float.IsNaN));
    }

    [Fact]
    public void Open_RandomSplit_HoldsNoContextOut()
    {
        var films = "user,item\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"u{i % 4},{i / 4}\n"));
        var books = "user,item\n" + string.Concat(Enumerable.Range(0, 400).Select(i => $"u{i % 4},{i / 4}\n"));

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write("films.csv", films), ContextData = _folder.Write("books.csv", books), Split = DatasetOptions.RandomSplit });

        Assert.Equal((4, 4, 32 + 400), (data.Test.Count, data.Validation.Count, data.Train.Count));
        Assert.DoesNotContain("context/", data.Show(data.Test) + data.Show(data.Validation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user,item\nx,1\ny,2\n", "No user of the data is in the context data")]
    [InlineData("user,item\na,1\n", null)] // no times: as if before all others
    public void Open_ContextThatLacksSomething_SaysSoOrDoesWithout(string books, string? expected)
    {
        var error = Record.Exception(() => Open(Films, books));

        Assert.Equal(expected is null, error is null);
        Assert.True(expected is null || error!.Message.Contains(expected, StringComparison.Ordinal), error?.Message);
    }

    [Fact]
    public void Open_RatingsOnOneSideOrAnIdWithThePrefix_SaysSo()
    {
        var rated = Assert.Throws<DatasetException>(() => Open("user,item,rating\na,1,3\na,2,4\n", "user,item\na,1\n"));
        var prefixed = Assert.Throws<DatasetException>(() => Open("user,item\na,context/1\na,2\n", "user,item\na,1\n"));
        var lonely = Assert.Throws<ArgumentException>(() => DatasetSource.Open(new DatasetOptions { ContextData = "books.csv" }));

        Assert.Contains("the context data has none", rated.Message, StringComparison.Ordinal);
        Assert.Contains("Rename the item", prefixed.Message, StringComparison.Ordinal);
        Assert.Contains("give that file", lonely.Message, StringComparison.Ordinal);
    }

    private Dataset Open(string films, string? books, CleaningRules clean = CleaningRules.None) => DatasetSource.Open(new DatasetOptions
    {
        Clean = clean,
        Path = _folder.Write("films.csv", films),
        ContextData = books is null ? null : _folder.Write("books.csv", books),
    });
}
