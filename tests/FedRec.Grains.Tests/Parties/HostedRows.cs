using System.Collections.Immutable;
using System.Globalization;
using FedRec.Contracts.Histories;
using FedRec.Core.Data;
using FedRec.Scenarios;

namespace FedRec.Grains.Tests.Parties;

/// <summary>The same interactions as a file that silos load and as events that users send.</summary>
internal sealed class HostedRows : IDisposable
{
    private const long Start = 1_700_000_000_000;
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");

    public HostedRows(int users, int items)
    {
        var data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = users, SyntheticItems = items, Split = DatasetOptions.RandomSplit });
        var rows = new List<(int Order, HistoryChange Change)>();
        for (var user = 0; user < data.Users.Count; user++)
        {
            foreach (var item in data.Train.Items(user))
            {
                var order = ((user * 7_919) + (item * 104_729)) % 100_003; // mixes users, and each user's items
                rows.Add((order, new HistoryChange(data.Users[user], HistoryChangeKind.Added, data.Items[item]) { Time = Start + (order * 1_000L) }));
            }
        }

        Changes = [.. rows.OrderBy(row => row.Order).Select(row => row.Change)];
        Write();
    }

    /// <summary>Interactions that are given.</summary>
    public HostedRows(ImmutableArray<HistoryChange> changes)
    {
        Changes = changes;
        Write();
    }

    public string FilePath => _file;

    public ImmutableArray<HistoryChange> Changes { get; }

    public void Dispose() => File.Delete(_file);

    private void Write() =>
        File.WriteAllLines(_file, ["user,item,timestamp", .. Changes.Select(change => string.Create(CultureInfo.InvariantCulture, $"{change.User},{change.Item},{change.Time}"))]);
}
