using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace FedRec.Grains.Tests.Messages;

/// <summary>What leaves a client while <c>mlp</c> trains holds no row of its table: neither two features side by side, nor one as precisely as the file has it,
/// nor a word that the schema does not have.</summary>
public sealed class NoRowTests : IDisposable
{
    private const int Rows = 240;
    private const string Word = "hush";
    private const string Schema = """
        {"columns":[{"name":"age","kind":"numeric"},{"name":"income","kind":"numeric"},{"name":"job","kind":"categorical","buckets":8},
        {"name":"bought","kind":"label","task":"binary","values":["no","yes"]}]}
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedrec-test-");
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _services.Dispose();
    }

    private static readonly RunRequest s_request = TestFederation.Request(rounds: 4) with
    {
        Learner = "mlp",
        LearnerOptions = ImmutableSortedDictionary<string, string>.Empty,
        EvaluateEvery = 2,
    };

    [Fact]
    public async Task Run_LabelledRowsOnThreeSilos_SendsNoRow()
    {
        await using var federation = await TestFederation.StartAsync(3);
        var calls = new CapturedCalls();
        calls.Watch(federation.Gate);

        var status = await federation.RunAsync(s_request, Data());

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.NotEmpty(status.Evaluations);
        Assert.Contains("SubmitAsync", calls.Calls.Select(call => call.Split('.')[^1]));
        Assert.Empty(calls.Messages.SelectMany(sent => MessageTypes.UnknownIn(sent.Message).Select(type => $"{sent.Call}: {type}")).Distinct());
        Assert.Empty(calls.Messages.SelectMany(sent => FindIn(sent.Message).Select(found => $"{sent.Call}: {found}")).Distinct());
    }

    [Theory]
    [InlineData("row")]
    [InlineData("value")]
    [InlineData("text")]
    [InlineData("word")]
    public void FindIn_AMessageWithARow_FindsIt(string leak) => Assert.NotEmpty(FindIn(leak switch
    {
        "row" => new PartialSum { Round = 1, BaseVersion = 0, Values = RowBytes(7) },
        "value" => new PartialSum { Round = 1, BaseVersion = 0, Values = BitConverter.GetBytes(Income(7)) },
        "text" => new RunEvent { Kind = "round.done", Text = $"a client with {Text(Income(7))}" },
        _ => new RunEvent { Kind = "round.done", Text = $"a client who is {Word}-7" },
    }));

    private static double Age(int row) => 20.125 + (row * 37 % Rows * 0.2503);

    private static double Income(int row) => 1000.137 + (row * 101 % Rows * 37.7189);

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static byte[] RowBytes(int row) => [.. BitConverter.GetBytes((float)Age(row)), .. BitConverter.GetBytes((float)Income(row))];

    private IEnumerable<string> FindIn(object message)
    {
        var bytes = _services.GetRequiredService<Serializer>().SerializeToArray(message);
        bool Holds(ReadOnlySpan<byte> pattern) => bytes.AsSpan().IndexOf(pattern) >= 0;
        if (Holds(Encoding.UTF8.GetBytes(Word)))
        {
            yield return "a word of a row";
        }

        for (var row = 0; row < Rows; row++)
        {
            if (Holds(RowBytes(row)) || Holds(BitConverter.GetBytes(Income(row))) || Holds(Encoding.UTF8.GetBytes(Text(Income(row)))))
            {
                yield return $"row {row}";
            }
        }
    }

    private DataSpec Data()
    {
        var (data, schema) = (Path.Combine(_folder.FullName, "table.csv"), Path.Combine(_folder.FullName, "schema.json"));
        File.WriteAllLines(data, Enumerable.Range(0, Rows).Select(row => $"{Text(Age(row))},{Text(Income(row))},{Word}-{row % 11},{(Income(row) > 5000 ? "yes" : "no")}").Prepend("age,income,job,bought"));
        File.WriteAllText(schema, Schema);
        return new DataSpec { Path = data, Schema = schema, Parties = 6 };
    }
}
