using FedRec.Cli;
using FedRec.Cli.Parties;
using FedRec.Core.Data.Readers;
using FedRec.Core.Federation;
using FedRec.Integration.Tests.Storage;
using Microsoft.Data.Sqlite;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>What a party trains from: a file or a database, the same for all rounds of a run.</summary>
public sealed class PartyDataTests : IDisposable
{
    private const string Query = "SELECT customer AS user, product AS item, bought AS timestamp FROM orders_of_the_quokka ORDER BY rowid";
    private readonly TemporaryFolder _folder = new();
    private readonly WorkingParty _party = new();

    static PartyDataTests() => System.Data.Common.DbProviderFactories.RegisterFactory("Microsoft.Data.Sqlite", SqliteFactory.Instance);

    private string Database => Path.Combine(_folder.Path, "shop.db");

    private string Words => Path.Combine(_folder.Path, "words.txt");

    public void Dispose()
    {
        _party.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Do_WithAQuery_TrainsAsWithTheFile_AndNothingOfTheQueryIsSent()
    {
        await _party.DoAsync(_party.Order());
        Fill(File.ReadAllLines(_party.Csv).Skip(1));
        _party.Join(Database, new ReadingOptions { Query = Query });
        await _party.DoAsync(_party.Order());
        File.WriteAllText(Words, $"Data Source={Database};Pooling=False");
        _party.Join(Words, new ReadingOptions { Query = Query, Provider = typeof(SqliteFactory).Assembly.Location });
        await _party.DoAsync(_party.Order());

        Assert.Equal(3, _party.Coordinator.Updates.Count);
        Assert.All(_party.Coordinator.Updates, update => Assert.Equal(_party.Coordinator.Updates[0], update));
        Assert.Empty(_party.Coordinator.Refusals);
        Assert.DoesNotContain(_party.Coordinator.Requests, request => new[] { "quokka", "SELECT", _folder.Path, "Data Source" }.Any(word => request.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task Do_AfterRowsCame_HasThemFromTheNextRunOn_AndNotWithinOne()
    {
        var rows = File.ReadAllLines(_party.Csv).Skip(1).ToArray();
        Fill(rows[..^80]);
        _party.Join(Database, new ReadingOptions { Query = Query });
        await _party.DoAsync(_party.Order(round: 1));

        Fill(rows[^80..]);
        await _party.DoAsync(_party.Order(round: 1));
        Assert.Equal(_party.Coordinator.Updates[0], _party.Coordinator.Updates[1]);
        await _party.DoAsync(_party.Order(run: "run-2", round: 1));

        Assert.NotEqual(_party.Coordinator.Updates[0], _party.Coordinator.Updates[2]);
        Assert.StartsWith("10 users with 80 ", _party.Said[0], StringComparison.Ordinal);
        Assert.Contains(_party.Said, line => line.StartsWith("20 users with 160 ", StringComparison.Ordinal));
        Assert.Empty(_party.Coordinator.Refusals);
    }

    [Fact]
    public async Task Do_AfterARestartWithOtherData_RefusesTheRunAndTakesPartInTheNext()
    {
        var before = File.ReadAllText(_party.Csv);
        await _party.DoAsync(_party.Order(round: 1));
        _party.Write(users: 20, seed: 8);
        await _party.DoAsync(_party.Order(round: 2)); // this process has the data as it was
        Assert.Equal((2, 0), (_party.Coordinator.Updates.Count, _party.Coordinator.Refusals.Count));

        _party.Restart();
        await _party.DoAsync(_party.Order(round: 3));
        await _party.DoAsync(_party.Evaluation(round: 3));
        Assert.Equal((2, 1), (_party.Coordinator.Updates.Count, _party.Coordinator.Refusals.Count));
        Assert.Contains("data has changed since run-1 began", _party.Coordinator.Refusals[0], StringComparison.Ordinal);
        Assert.Contains("data has changed since run-1 began", Assert.Single(_party.Coordinator.EvaluationRefusals), StringComparison.Ordinal);
        Assert.Empty(_party.Coordinator.Sums);

        File.WriteAllText(_party.Csv, before);
        File.SetLastWriteTimeUtc(_party.Csv, DateTime.UtcNow.AddHours(1));
        await _party.DoAsync(_party.Order(round: 3));
        Assert.Equal((3, 1), (_party.Coordinator.Updates.Count, _party.Coordinator.Refusals.Count));

        _party.Write(users: 20, seed: 8);
        _party.Restart();
        await _party.DoAsync(_party.Order(run: "run-2", round: 1));
        Assert.Equal((4, 1), (_party.Coordinator.Updates.Count, _party.Coordinator.Refusals.Count));
    }

    [Fact]
    public async Task Do_AfterLinesWereAppended_ReadsThemOnly_AndHasWhatReadingAllOfItHas()
    {
        var lines = File.ReadAllLines(_party.Csv);
        for (var run = 1; run <= 4; run++)
        {
            File.WriteAllText(_party.Csv, string.Concat(lines[..(run * 40)].Select(line => line + "\n")));
            await _party.DoAsync(_party.Order(run: $"run-{run}"));
        }

        var appended = _party.Said.Where(line => line.Contains("rows were appended", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3, appended.Length);
        Assert.Contains("; 40 rows were appended", appended[0], StringComparison.Ordinal);
        _party.Restart(); // which reads all of it
        await _party.DoAsync(_party.Order(run: "run-5"));
        Assert.Equal((5, 0), (_party.Coordinator.Updates.Count, _party.Coordinator.Refusals.Count));
        Assert.Equal(_party.Coordinator.Updates[3], _party.Coordinator.Updates[4]);
        Assert.Equal(4, _party.Coordinator.Updates.Select(Convert.ToHexString).Distinct().Count());
    }

    [Theory]
    [InlineData("user,item,timestamp\nu1,i1,1700000000\nu2,i2,1700000001\n", "u1,i1,1700000001\n", true)] // nothing new for u1 but a time
    [InlineData("many", "u3,,1700000002\n", false)] // a row without an item
    [InlineData("many", "u3,i2,1700000002,5\nu4,i2,1700000003\n", false)] // a row of another form
    [InlineData("user,item,rating,timestamp\nu1,i1,5,1700000000\nu2,i2,4,1700000001\n", "u3,i2,3,1700000002\n", true)]
    [InlineData("user,item,timestamp\nu1,i1,1700000000\nu2,i2,1700000001\n", "u3,\"i\n2\",1700000002\n", true)] // an end of a line within quotes
    [InlineData("user,item,timestamp\nu1,i1,1700000000\nu2,i2,1700000001", "\nu3,i2,1700000002\n", false)] // the last line had no end
    public async Task Do_AfterSomethingWasAppended_HasWhatReadingAllOfItHas(string before, string more, bool isAppended)
    {
        File.WriteAllText(_party.Csv, before == "many" ? File.ReadAllText(_party.Csv) : before);
        await _party.DoAsync(_party.Order(run: "run-1"));
        File.AppendAllText(_party.Csv, more);
        File.SetLastWriteTimeUtc(_party.Csv, DateTime.UtcNow.AddHours(1));

        await _party.DoAsync(_party.Order(run: "run-2"));
        using var whole = PartyRows.Open(_party.Folder.Membership, FederationParts.BuiltIn());

        Assert.Equal(whole.Fingerprint, _party.Folder.ReadRunData()!.Fingerprint);
        Assert.Equal(isAppended, _party.Said.Any(line => line.Contains("rows were appended", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Do_AfterTheFileWasWrittenAnew_ReadsAllOfIt()
    {
        await _party.DoAsync(_party.Order(run: "run-1"));
        File.WriteAllText(_party.Csv, File.ReadAllText(_party.Csv).Replace(",i1,", ",i9,", StringComparison.Ordinal) + "u3,i2,1800000000\n"); // what was there is as long as before, and something else
        File.SetLastWriteTimeUtc(_party.Csv, DateTime.UtcNow.AddHours(1));

        await _party.DoAsync(_party.Order(run: "run-2"));
        using var whole = PartyRows.Open(_party.Folder.Membership, FederationParts.BuiltIn());

        Assert.Equal(whole.Fingerprint, _party.Folder.ReadRunData()!.Fingerprint);
    }

    [Fact]
    public async Task Do_AfterARestartWithMoreLines_GoesOnWithTheDataAsItWas_AndHasThemInTheNextRun()
    {
        var lines = File.ReadAllLines(_party.Csv);
        File.WriteAllLines(_party.Csv, lines[..81]);
        await _party.DoAsync(_party.Order(round: 1));
        File.AppendAllLines(_party.Csv, lines[81..]);

        _party.Restart();
        await _party.DoAsync(_party.Order(round: 1));
        await _party.DoAsync(_party.Order(run: "run-2", round: 1));
        _party.Restart();
        await _party.DoAsync(_party.Order(run: "run-2", round: 1));

        Assert.Empty(_party.Coordinator.Refusals);
        Assert.Equal(_party.Coordinator.Updates[0], _party.Coordinator.Updates[1]);
        Assert.NotEqual(_party.Coordinator.Updates[0], _party.Coordinator.Updates[2]);
        Assert.Equal(_party.Coordinator.Updates[2], _party.Coordinator.Updates[3]);
        Assert.Contains(_party.Said, line => line.EndsWith("as they were when run-1 began", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Do_AnEvaluationOfAnEarlierRun_ChangesNothingOfTheRunThatIsUnderWay()
    {
        await _party.DoAsync(_party.Order(run: "run-2", round: 1));
        _party.Write(users: 20, seed: 8);

        await _party.DoAsync(_party.Evaluation(run: "run-1", round: 4));
        await _party.DoAsync(_party.Order(run: "run-2", round: 1));

        Assert.NotEmpty(Assert.Single(_party.Coordinator.Sums));
        Assert.Equal(_party.Coordinator.Updates[0], _party.Coordinator.Updates[1]);
    }

    [Fact]
    public async Task Do_WithDataThatCannotBeReadAnyMore_RefusesWithoutSayingWhereItIs()
    {
        await _party.DoAsync(_party.Order());
        File.WriteAllText(_party.Csv, "nothing\n");
        File.SetLastWriteTimeUtc(_party.Csv, DateTime.UtcNow.AddHours(1));

        await _party.DoAsync(_party.Order(run: "run-2"));

        Assert.Equal("The party's data cannot be read at the moment.", Assert.Single(_party.Coordinator.Refusals));
        Assert.Contains(_party.Said, line => line.Contains(_party.Csv, StringComparison.Ordinal) && line.Contains("cannot be read", StringComparison.Ordinal));
    }

    [Fact]
    public void Fingerprint_OfOtherRows_IsAnother()
    {
        var same = Fingerprint("u1,i1,5,1700000000\nu1,i2,4,1700000001\nu2,i1,3,1700000002");

        Assert.Equal(same, Fingerprint("u1,i1,5,1700000000\nu1,i2,4,1700000001\nu2,i1,3,1700000002\n"));
        string[] others =
        [
            "u1,i1,5,1700000000\nu1,i2,4,1700000001\nu3,i1,3,1700000002", "u1,i1,5,1700000000\nu1,i3,4,1700000001\nu2,i1,3,1700000002", "u1,i1,5,1700000000\nu1,i2,4.5,1700000001\nu2,i1,3,1700000002",
            "u1,i1,5,1700000000\nu1,i2,4,1700000003\nu2,i1,3,1700000002", "u1,i1,5,1700000000\nu1,i2,4,1700000001", "u2,i1,3,1700000002\nu1,i1,5,1700000000\nu1,i2,4,1700000001",
            "u1,i1,5,1700000000\nu2,i2,4,1700000001\nu2,i1,3,1700000002",
        ];
        Assert.Equal(others.Length + 1, others.Select(Fingerprint).Append(same).Distinct().Count());
    }

    [Theory]
    [InlineData("words.txt")]
    [InlineData("FedRec.Contracts.dll")]
    public void Register_WhatIsNoProvider_SaysSo(string name)
    {
        File.WriteAllText(Words, "no assembly");
        var path = name == "words.txt" ? Words : Path.Combine(AppContext.BaseDirectory, name);

        var failure = Assert.Throws<CliException>(() => DatabaseProviders.Register(path));

        Assert.Contains($"The database provider {path} ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Npgsql.dll", failure.Next, StringComparison.Ordinal);
    }

    private string Fingerprint(string rows)
    {
        var file = Path.Combine(_folder.Path, "rows.csv");
        File.WriteAllText(file, "user,item,rating,timestamp\n" + rows);
        using var trainer = PartyRows.Open(new PartyMembership(FakeCoordinator.Code, file, new ReadingOptions()), FederationParts.BuiltIn());
        return trainer.Fingerprint;
    }

    private void Fill(IEnumerable<string> rows)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE IF NOT EXISTS orders_of_the_quokka (customer TEXT, product TEXT, bought INTEGER);"
            + string.Concat(rows.Select(row => row.Split(',')).Select(row => $"INSERT INTO orders_of_the_quokka VALUES ('{row[0]}', '{row[1]}', {row[2]});"));
        command.ExecuteNonQuery();
    }
}
