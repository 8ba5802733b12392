using CsCheck;
using FedRec.Core.Data;
using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Partitions;
using FedRec.Core.Data.Pseudonyms;
using FedRec.Core.Data.Readers;
using FedRec.Core.Data.Splits;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Tests.Data.Readers;

/// <summary>What FedRec writes it reads back, whatever characters ids are made of.</summary>
public sealed class RoundTripTests : IDisposable
{
    private static readonly string[] s_pieces =
        ["#", "\"", "\"\"", "\\\"", ",", ";", "\t", "|", "::", "\n", "\r", "\r\n", " ", "\u00A0", "\uFEFF", "'", "=", "{", "[", "//", "a", "B", "7", "é", "日本", "😀", "\u2028", "/", "user", "item", "1970-01-01"];

    // An id is neither blank nor holds what no text file can: NUL, and the sign of a character that was lost.
    private static readonly Gen<string> s_ids = Gen.OneOf(
        Gen.Int[0, s_pieces.Length - 1].Select(piece => s_pieces[piece]).Array[1, 6].Select(string.Concat),
        Gen.String[1, 8].Select(text => string.Concat(text.Where(c => c is not ('\0' or '\uFFFD') && !char.IsSurrogate(c))))).Where(id => !string.IsNullOrWhiteSpace(id));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadRows_OfWhatWasWritten_GivesTheSameRows() => Logs(withParts: true).Sample(
        log =>
        {
            var file = Path.Combine(_folder.Path, "interactions.csv");
            InteractionWriter.WriteInteractions(file, log);

            var (back, tally) = DatasetSource.ReadRows(file, 0, new ReadingOptions());

            Assert.Equal(Show(log), Show(back));
            Assert.Equal(0, tally.BadRows);
        },
        iter: 200, threads: 1);

    [Fact]
    public void ReadBeside_OfTheItemsThatWereWritten_GivesTheirTitlesAndTags() => Gen.Select(s_ids, s_ids).Array[1, 12].Sample(
        rows =>
        {
            var items = new IdMap();
            var titles = rows.Where(row => items.Count < items.GetOrAdd(row.Item1) + 1).DistinctBy(row => row.Item1, StringComparer.Ordinal).Select(row => row.Item2.Trim()).ToList();
            InteractionWriter.WriteItems(Path.Combine(_folder.Path, "items.csv"), items, new ItemCatalogue(titles, [.. titles.Select(_ => (IReadOnlyList<string>)["tag"])]));

            var back = ItemCatalogueReader.ReadBeside(Path.Combine(_folder.Path, "interactions.csv"), items, new ListText(encoding: null));

            Assert.Equal(titles, back.Titles);
            Assert.All(back.Tags, tags => Assert.Equal(["tag"], tags));
        },
        iter: 100, threads: 1);

    [Fact]
    public void Open_OfTheFoldersThatWereWritten_GivesTheSameInteractions() => Logs(withParts: true).Sample(
        log =>
        {
            using var folder = new TempFolder();
            var file = Path.Combine(folder.Path, "interactions.csv");
            InteractionWriter.WriteInteractions(file, log);
            var data = DatasetSource.Open(new DatasetOptions { Path = file });

            PartyWriter.Write(data, ClientPartition.Dealt(data, 1, 1), Path.Combine(folder.Path, "parties"));
            var back = DatasetSource.Open(new DatasetOptions { Path = Path.Combine(folder.Path, "parties") });

            Assert.Equal(Interactions(data, ""), Interactions(back, "party-0001/"));
        },
        iter: 60, threads: 1);

    [Fact]
    public void Open_OfThePseudonymsThatWereWritten_GivesTheSameItems() => Logs(withParts: false).Where(log => HaveDifferentPseudonyms(log.Users)).Sample(
        log =>
        {
            using var folder = new TempFolder();
            using var secret = new SharedSecret(new byte[32]);
            var (file, target) = (Path.Combine(folder.Path, "interactions.csv"), Path.Combine(folder.Path, "hashed.csv"));
            InteractionWriter.WriteInteractions(file, log);
            var pseudonyms = new Pseudonymizer(secret);

            PseudonymFile.Write(file, pseudonyms, target);
            var (back, _) = DatasetSource.ReadRows(target, 0, new ReadingOptions());

            Assert.Equal(Show(log, pseudonyms.Of), Show(back));
        },
        iter: 60, threads: 1);

    [Fact]
    public void Open_JsonLinesOfAnyIds_GivesTheRowsOfTheCsv() => Gen.Select(s_ids, s_ids).Array[1, 12].Sample(
        rows =>
        {
            var log = new InteractionLog();
            foreach (var (user, item) in rows)
            {
                log.Add(user, item);
            }

            var file = _folder.Write("any.jsonl", string.Join('\n', rows.Select(row => System.Text.Json.JsonSerializer.Serialize(new { user = row.Item1, item = row.Item2 }))));

            Assert.Equal(Show(log), Show(DatasetSource.ReadRows(file, 0, new ReadingOptions()).Log));
        },
        iter: 100, threads: 1);

    // Two rows at least, so that nothing depends on the first.
    private static Gen<InteractionLog> Logs(bool withParts) =>
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, 3], Gen.Select(s_ids, s_ids, Gen.Float[-9, 9], Gen.Long[-2_000_000_000, 4_000_000_000], Gen.Int[0, 999_999_999], Gen.Int[0, 14]).Array[2, 20]).Select((columns, unit, rows) =>
        {
            var log = new InteractionLog { TimeUnit = (TimeUnit)unit };
            foreach (var (user, item, rating, seconds, billionths, words) in rows)
            {
                log.Add(
                    user, item,
                    (columns & 1) == 0 ? null : rating,
                    (columns & 2) == 0 ? null : new TimeText(seconds, 0, TimeForm.Date).In((TimeUnit)unit) + (billionths / (1_000_000_000 / ((TimeUnit)unit).PerSecond())),
                    (columns & 4) == 0 || !withParts ? null : (InteractionSplit)(words % 3),
                    (columns & 8) == 0 ? null : (EventKind)(words % 5));
            }

            return log;
        });

    private static string Show(InteractionLog log, Func<string, string>? rename = null) => string.Join('\u0001', Enumerable.Range(0, log.Count).Select(row => string.Join('\u0002',
        (rename ?? (id => id))(log.Users[log.UserColumn[row]]),
        log.Items[log.ItemColumn[row]],
        log.RatingsWithGaps.IsEmpty ? "" : log.RatingsWithGaps[row],
        log.TimestampColumn.IsEmpty ? "" : Instant(log.TimestampColumn[row], log.TimeUnit),
        log.SplitColumn.IsEmpty ? "" : log.SplitColumn[row],
        log.KindColumn.IsEmpty ? "" : log.KindColumn[row])));

    // Blanks around an id are no part of what is hashed.
    private static bool HaveDifferentPseudonyms(IdMap users) => Enumerable.Range(0, users.Count).Select(user => users[user].Trim()).Distinct(StringComparer.Ordinal).Count() == users.Count;

    private static decimal Instant(long time, TimeUnit unit) => (decimal)time / unit.PerSecond();

    private static string Interactions(Dataset data, string prefix) => string.Join('\u0001', new[] { data.Train, data.Validation, data.Test }.SelectMany((split, part) =>
        from user in Enumerable.Range(0, split.UserCount)
        from place in Enumerable.Range(0, split.Items(user).Length)
        select string.Join(
            '\u0002', part, prefix.Length == 0 ? data.Users[user] : data.Users[user][prefix.Length..], data.Items[split.Items(user)[place]],
            split.Ratings(user).IsEmpty ? "" : split.Ratings(user)[place],
            split.Timestamps(user).IsEmpty ? "" : Instant(split.Timestamps(user)[place], data.TimeUnit),
            split.Kinds(user).IsEmpty ? "" : split.Kinds(user)[place])).Order(StringComparer.Ordinal));
}
