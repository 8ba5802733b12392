using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Core.Updates;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Rounds;

public sealed class LocalSumTests
{
    private const int Length = 3;
    private static readonly TrainOrder s_order = new("f/run-1", 4, 2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void MoveTo_FromAnyNumberOfThreads_GivesTheSameMessage(int threads)
    {
        var (whole, parts, total) = (NewSum(), Enumerable.Range(0, threads).Select(_ => NewSum()).ToArray(), NewSum());
        for (var client = 0; client < 7; client++)
        {
            Add(whole, client, 0.1f * client);
            Add(parts[client % threads], client, 0.1f * client);
        }

        Array.ForEach(parts, part => part.MoveTo(total));
        var (expected, actual) = (whole.ToMessage(s_order)!, total.ToMessage(s_order)!);

        Assert.Equal(expected.Values.ToArray(), actual.Values.ToArray());
        Assert.Equal((expected.Weight, expected.Loss, expected.Examples, expected.BytesUp), (actual.Weight, actual.Loss, actual.Examples, actual.BytesUp));
        Assert.Equal(expected.Clients, actual.Clients.Order());
    }

    [Fact]
    public async Task Run_WhoseThreadsShareOneSum_GivesTheSameModel()
    {
        await using var apart = await TestFederation.StartAsync(1);
        await using var together = await TestFederation.StartAsync(1, configure: silo => silo.Services.Configure<TrainingOptions>(options => options.LargestOwnSum = 0));

        Assert.Equal((await apart.RunAsync(TestFederation.Request())).Sha256, (await together.RunAsync(TestFederation.Request())).Sha256);
    }

    [Fact]
    public void MoveTo_Afterwards_NothingIsLeft()
    {
        var (sum, first, second) = (NewSum(), NewSum(), NewSum());
        Add(sum, 1, 1);
        sum.Fail(2);
        sum.MoveTo(first);
        Add(sum, 3, 5);

        sum.MoveTo(second);

        Assert.Equal([1, 2], first.Clients);
        Assert.Equal([3], second.Clients);
        Assert.Equal(FixedPoint.Encode(5), BitConverter.ToInt64(second.ToMessage(s_order)!.Values.Span));
        Assert.Null(sum.ToMessage(s_order));
    }

    [Fact]
    public void ToMessage_RejectedUpdates_NamesTheGravestFaultWhereverItWasFound()
    {
        var (one, other, total, reversed) = (NewSum(), NewSum(), NewSum(), NewSum());
        Add(one, 1, 300_000);
        Add(one, 2, 7_654_321);
        Add(other, 3, 1);

        other.MoveTo(total);
        one.MoveTo(total);
        var tooLarge = total.ToMessage(s_order)!;
        Add(other, 4, float.NaN);
        other.MoveTo(reversed);
        total.MoveTo(reversed);

        Assert.Equal(new UpdateFault(UpdateFaultKind.TooLarge, "rows", 8_000_000, 262_144), tooLarge.Fault); // one digit: the value is the client's
        Assert.Equal([1, 2], tooLarge.Rejected.ToArray());
        Assert.Equal(new UpdateFault(UpdateFaultKind.NotFinite, "rows", 0, 262_144), reversed.ToMessage(s_order)!.Fault);
    }

    [Fact]
    public void Add_AnUpdateThatIsNotFinite_RejectsTheClientAlone()
    {
        var sum = NewSum();
        Add(sum, 1, 2);
        Add(sum, 2, float.NaN);
        sum.Fail(3);

        var message = sum.ToMessage(s_order)!;

        Assert.Equal([1], message.Clients.ToArray());
        Assert.Equal([2], message.Rejected.ToArray());
        Assert.Equal([3], message.Failed.ToArray());
        Assert.Equal([1, 3, 2], sum.Clients);
    }

    private static LocalSum NewSum() => new(() => new FixedPointSum(Length), new UpdateLayout(new UpdateBlock("rows", 1, 2, BlockRole.Delta), new("bias", 1, 1, BlockRole.Delta)));

    private static void Add(LocalSum sum, int client, float value)
    {
        var update = new UpdateBuffer();
        update.Segment(0, Length).Fill(value);
        sum.Add(client, new ClientUpdate(update, Weight: 1, Loss: 0.5, Examples: 2));
    }
}
