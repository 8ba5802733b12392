using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data.Features;

public sealed class UserFeatureTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_ListOfUsers_HoldsNumbersAndWordsOfEnoughUsers()
    {
        _folder.Write("users.csv", "income,user_id,town\n" + string.Concat(Enumerable.Range(0, 12).Select(user => $"{user * 10},u{user},{(user < 5 ? "Ulm" : user < 10 ? "Bonn" : "Rome")}\n")));

        var features = Open(users: 13).Train.Features!;

        Assert.Equal(["income", "town"], features.Schema.Columns.Select(column => column.Name));
        Assert.Equal(["Bonn", "Ulm"], features.Schema.Columns[1].Vocabulary); // Rome is named by two
        Assert.Equal([0f, 1f], features.Row(0).ToArray());
        Assert.Equal([110f, 2f], features.Row(11).ToArray());
        Assert.Equal([float.NaN, 2f], features.Row(12).ToArray()); // not listed
    }

    [Fact]
    public void Open_ListWithAnAgreedSchema_ReadsItsColumnsAndItsWordsAlone()
    {
        _folder.Write("users.csv", "user,age,town,email\nu0,30,Ulm,a@b\nu1,,Rome,c@d\nu2,50,,e@f\n");
        _folder.Write("users.schema.json", Schema("""{"name": "town", "kind": "categorical", "values": ["Bonn", "Ulm"]}, {"name": "age", "kind": "numeric"}"""));

        var features = Open(users: 3).Train.Features!;

        Assert.Equal(["town", "age"], features.Schema.Columns.Select(column => column.Name));
        Assert.Equal(["Bonn", "Ulm"], features.Schema.Columns[0].Vocabulary);
        Assert.Equal([1f, 30f], features.Row(0).ToArray());
        Assert.Equal([2f, float.NaN], features.Row(1).ToArray()); // a word that nobody agreed on, and no number
        Assert.Equal([2f, 50f], features.Row(2).ToArray());
    }

    [Theory]
    [InlineData("""{"name": "shoe", "kind": "numeric"}""", "users.schema.json: The list of users has no column 'shoe'. It has town, age.")]
    [InlineData("""{"name": "town", "kind": "numeric"}""", "users.csv: The list of users has 'Ulm' in the numeric column town.")]
    [InlineData("""{"name": "town", "kind": "ignore"}""", "There is no feature")]
    [InlineData("""{"name": "town", "kind": "id"}""", "'town' of a list of users is of the kind id")]
    [InlineData("""{"name": "age", "kind": "numeric"}, {"name": "town", "kind": "party"}""", "'town' of a list of users is of the kind party")]
    [InlineData("""{"name": "age", "kind": "numeric"}, {"name": "age", "kind": "numeric"}""", "'age' is declared 2 times")]
    [InlineData("""{"name": "town", "kind": "categorical"}""", "columns[0] has no values")]
    [InlineData("""{"name": "age", "kind": "numeric", "task": "binary"}""", "columns[0].task is unknown")]
    public void Open_SchemaOfUsersThatIsWrong_SaysWhat(string columns, string expected)
    {
        _folder.Write("users.csv", "user,town,age\nu0,Ulm,30\n");
        _folder.Write("users.schema.json", Schema(columns));

        Assert.Contains(expected, Assert.Throws<DatasetException>(() => Open(users: 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SchemaOfUsersWithoutAList_SaysWhatIsMissing()
    {
        _folder.Write("users.schema.json", Schema("""{"name": "age", "kind": "numeric"}"""));
        Assert.Contains("Put users.csv beside it", Assert.Throws<DatasetException>(() => Open(users: 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MovieLensUsers_HasAgeGenderAndOccupationAndNoZipCode()
    {
        _folder.Write("u.user", string.Concat(Enumerable.Range(0, 10).Select(user => $"u{user}|{20 + user}|{(user % 2 == 0 ? "F" : "M")}|writer|8571{user}\n")));

        var features = Open(users: 10).Train.Features!;

        Assert.Equal(["age", "gender", "occupation"], features.Schema.Columns.Select(column => column.Name));
        Assert.Equal([23f, 1f, 0f], features.Row(3).ToArray());
    }

    [Theory]
    [InlineData("user,town\nu0,Ulm\nu0,Bonn\n", "listed twice")]
    [InlineData("user,town\nx0,Ulm\n", "No user of the list")]
    [InlineData("name,town\nu0,Ulm\n", "has no column with their ids")]
    public void Open_ListOfUsersThatCannotBeUsed_SaysWhatIsWrong(string list, string expected)
    {
        _folder.Write("users.csv", list);
        Assert.Contains(expected, Assert.Throws<DatasetException>(() => Open(users: 2)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user\nu0\n")]
    [InlineData("user,email\nu0,a@b\nu1,c@d\n")]
    public void Open_ListThatSaysNothingOfManyUsers_GivesNoFeatures(string list)
    {
        _folder.Write("users.csv", list);
        Assert.Null(Open(users: 2).Train.Features);
    }

    [Fact]
    public void After_AUserIsForgotten_SoAreTheFeatures()
    {
        _folder.Write("users.csv", "user,age\nu0,30\nu1,40\n");
        var client = new ClientData(Open(users: 2).Train, new[] { 0, 1 }, 2);

        var after = client.After([new ItemChange(1, -1, 0, ItemChangeKind.Forgotten)]).After([new ItemChange(0, 1, 0, ItemChangeKind.Removed)]);

        Assert.Equal([30f], after.Features(0).ToArray());
        Assert.True(after.History(1).Features.IsEmpty);
        Assert.Equal([40f], client.Features(1).ToArray());
    }

    private static string Schema(string columns) => $$"""{"columns": [{{columns}}]}""";

    private Dataset Open(int users) => DatasetSource.Open(new DatasetOptions
    {
        Path = _folder.Write("interactions.csv", "user,item\n" + string.Concat(Enumerable.Range(0, users).Select(user => $"u{user},a\nu{user},b\n"))),
    });
}
