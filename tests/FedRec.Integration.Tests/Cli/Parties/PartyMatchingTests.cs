using System.Globalization;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Data;
using FedRec.Core.Data.Readers;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>A party that calls items otherwise than the catalogue trains as if it did not, and its users are served in its own words.</summary>
public sealed class PartyMatchingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WorkingParty _party = new();

    private string Secret => Path.Combine(_folder.Path, "secret.txt");

    public void Dispose()
    {
        _party.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Do_WithItemsThatAreMatched_SendsTheBytesOfTheSameIds_AndServesInThePartysWords(bool byTitle, bool hasKey)
    {
        File.WriteAllText(Secret, new string('s', 40));
        await _party.DoAsync(_party.Order());
        await _party.DoAsync(_party.Evaluation(round: 4));
        var list = await ListAsync("u3");

        var own = Path.Combine(_folder.Path, "own.csv"); // i7 is SKU-7 here
        File.WriteAllLines(own, File.ReadAllLines(_party.Csv).Select(line => line.Replace(",i", ",SKU-", StringComparison.Ordinal)).Select((line, number) => number == 0 ? "user,item,timestamp" : line)
            .Append("u3,only-here,1700009999"));
        File.WriteAllLines(Path.Combine(_folder.Path, "items.csv"), ["item,title", .. Enumerable.Range(0, 20).Select(item => $"SKU-{item},ITEM  {item}!"), "only-here,Something else"]);
        _party.Join(own, new ReadingOptions(), byTitle, hasKey ? Secret : null);
        await _party.DoAsync(Order());
        await _party.DoAsync(Order(round: 4) with { Evaluation = _party.Evaluation().Evaluation });

        Assert.Empty(_party.Coordinator.Refusals);
        Assert.Equal(_party.Coordinator.Updates[0], _party.Coordinator.Updates[1]);
        Assert.Equal(_party.Coordinator.Sums[0], _party.Coordinator.Sums[1]);
        Assert.Equal(list.Select(item => item.Replace("i", "SKU-", StringComparison.Ordinal)), await ListAsync("u3"));
        Assert.Equal("only-here", Assert.Single(File.ReadAllLines(_party.Folder.UnmatchedPath)));
        Assert.DoesNotContain(_party.Coordinator.Requests, request => new[] { "only-here", "SKU", "Something" }.Any(word => request.Contains(word, StringComparison.OrdinalIgnoreCase)));

        // The catalogue of the coordinator: of titles, or of hashes that tell it nothing.
        PartyOrder Order(int round = 1) => _party.Coordinator.Order([.. WorkingParty.Items.Select(item => hasKey ? (Hash(item), Hash(item)) : (item.Id, item.Title))], run: "run-2", round: round);

        string Hash((string Id, string Title) item)
        {
            using var key = SharedSecret.Read(Secret);
            return key.Hash(byTitle ? $"title:item {item.Id[1..]}" : $"id:sku{item.Id[1..]}", 128); // as data align does
        }
    }

    [Fact]
    public async Task Do_AfterTitlesHaveChangedInARun_IsRefused()
    {
        var titles = Path.Combine(_folder.Path, "items.csv");
        File.Copy(_party.Csv, Path.Combine(_folder.Path, "own.csv"));
        File.WriteAllLines(titles, ["item,title", .. WorkingParty.Items.Select(item => $"{item.Id},{item.Title}")]);
        _party.Join(Path.Combine(_folder.Path, "own.csv"), new ReadingOptions(), matchesTitles: true);
        await _party.DoAsync(_party.Order(round: 1));
        await _party.DoAsync(_party.Order(round: 2));

        File.WriteAllText(titles, File.ReadAllText(titles).Replace("i3,Item 3", "i3,Item 99", StringComparison.Ordinal));
        _party.Restart();
        await _party.DoAsync(_party.Order(round: 3));

        Assert.Equal(2, _party.Coordinator.Updates.Count);
        Assert.Contains("data has changed since run-1 began", Assert.Single(_party.Coordinator.Refusals), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Do_ByTitleWithoutTitles_SaysWhatToPutWhere()
    {
        File.Copy(_party.Csv, Path.Combine(_folder.Path, "own.csv"));
        _party.Join(Path.Combine(_folder.Path, "own.csv"), new ReadingOptions(), matchesTitles: true);

        var failure = await Assert.ThrowsAsync<DatasetException>(() => _party.DoAsync(_party.Order()));

        Assert.Contains("items.csv", failure.Next, StringComparison.Ordinal);
    }

    private async Task<string[]> ListAsync(string user)
    {
        await _party.Worker.OfferedAsync();
        return [.. _party.Newest.Recommender!.Recommend(_party.Newest.Data!, new(user, 6, Explain: true, Version: 0)).Items.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Item} {item.Score}"))];
    }
}
