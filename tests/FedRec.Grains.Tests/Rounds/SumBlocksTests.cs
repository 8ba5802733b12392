using System.Collections.Immutable;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Grains.Rounds;
using FedRec.Grains.Tests.Messages;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Rounds;

/// <summary>Sums that are too large for one message.</summary>
public sealed class SumBlocksTests
{
    private const int BlockBytes = 1024;

    [Fact]
    public async Task Run_SumLargerThanABlock_TravelsInBlocksAndGivesTheSameModel()
    {
        var request = TestFederation.Request(rounds: 1) with { Learner = "ease", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty };
        await using var whole = await TestFederation.StartAsync(1);
        await using var blocks = await TestFederation.StartAsync(
            3, configure: silo => silo.Services.Configure<TrainingOptions>(options => options.SumBlockBytes = BlockBytes));
        var calls = new CapturedCalls();
        calls.Watch(blocks.Gate);

        var expected = await whole.RunAsync(request);
        var status = await blocks.RunAsync(request);

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        var sent = calls.Messages.Select(message => message.Message).ToArray();
        Assert.All(sent.OfType<PartialSum>(), sum => Assert.InRange(sum.Values.Length, 0, BlockBytes));
        Assert.All(sent.OfType<RoundResult>(), result => Assert.InRange(result.Sum?.Values.Length ?? 0, 0, BlockBytes));
        Assert.All(sent.OfType<SumBlock>(), block => Assert.InRange(block.Bytes.Length, 1, BlockBytes));
        Assert.True(sent.OfType<SumBlock>().Count() > 20); // 50 · 51 / 2 counts of 8 bytes, sent and read
    }

    [Fact]
    public void Complete_BlockMissingOrRepeated_CountsEachBlockOnce()
    {
        var (staged, id) = (new StagedSums(), Guid.NewGuid());
        var sum = new PartialSum { Round = 1, BaseVersion = 0, Staged = id };
        SumBlock Block(int offset, byte fill) => new(id, offset, 24, Enumerable.Repeat(fill, 8).ToArray());

        staged.Add(Block(0, 1));
        staged.Add(Block(8, 2));
        staged.Add(Block(8, 2));
        Assert.Null(staged.Complete(sum));
        staged.Add(Block(16, 3));

        var complete = staged.Complete(sum)!;
        Assert.Equal([.. Enumerable.Repeat((byte)1, 8), .. Enumerable.Repeat((byte)2, 8), .. Enumerable.Repeat((byte)3, 8)], complete.Values.ToArray());
        Assert.Equal(Guid.Empty, complete.Staged);
        staged.Remove(id);
        Assert.Null(staged.Complete(sum));
        var whole = sum with { Staged = Guid.Empty, Values = new byte[] { 1 } };
        Assert.Same(whole, staged.Complete(whole));
    }
}
