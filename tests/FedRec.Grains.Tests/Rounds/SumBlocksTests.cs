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
        var request = TestFederation.Request(rounds: 1) with { Learner = "ease", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "500") };
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
        Assert.True(sent.OfType<SumBlock>().Count() > 15); // 50 · 51 / 2 counts of 8 bytes, sent and read
    }

    [Fact]
    public void Complete_BlockMissingOrRepeated_CountsEachBlockOnce()
    {
        var (staged, id) = (new StagedSums(24), Guid.NewGuid());
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

    [Theory]
    [InlineData(0, 25, 8)]
    [InlineData(0, int.MaxValue, 8)]
    [InlineData(-8, 24, 8)]
    [InlineData(17, 24, 8)]
    [InlineData(int.MaxValue, 24, 8)]
    [InlineData(0, 24, 0)]
    public void Add_ABlockThatIsNotOfThePlan_IsRefusedAndTakesNoMemory(int offset, int total, int length)
    {
        var staged = new StagedSums(24);

        Assert.Throws<ArgumentException>(() => staged.Add(new SumBlock(Guid.NewGuid(), offset, total, new byte[length])));

        Assert.Equal(0, staged.Count);
    }

    [Fact]
    public async Task Send_AfterFailedAttempts_LeavesNoBlockBehind()
    {
        var (sent, failures) = (new List<Guid>(), 2);
        await using var federation = await TestFederation.StartAsync(
            1, configure: silo => silo.Services.Configure<TrainingOptions>(options => options.SumBlockBytes = BlockBytes));
        federation.Gate.Before = call =>
        {
            lock (sent)
            {
                sent.AddRange(call.Request.GetArgumentCount() > 0 && call.Request.GetArgument(0) is SumBlock block ? [block.Sum] : Array.Empty<Guid>());
            }

            return call.Request.GetArgumentCount() > 0 && call.Request.GetArgument(0) is PartialSum && Interlocked.Decrement(ref failures) >= 0
                ? throw new TimeoutException("the network is down") : Task.CompletedTask;
        };

        var status = await federation.RunAsync(TestFederation.Request(rounds: 1) with { Learner = "ease", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "500") });

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.Equal(3, sent.Count / sent.Distinct().Count() / (50 * 51 / 2 * 8 / BlockBytes)); // three attempts, and the same blocks in each
    }
}
