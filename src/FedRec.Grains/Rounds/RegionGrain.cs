using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Updates;
using FedRec.Grains.Training;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace FedRec.Grains.Rounds;

/// <summary>Puts the sums of a region's clients together, so that a round is sent one for each region; the key is <c>federation/run/region</c>.</summary>
/// <remarks>Keeps nothing: a region that is lost loses what it has not sent on, and the round asks its clients again, or does without them.</remarks>
[Alias("fedrec.region")]
internal interface IRegionGrain : IGrainWithStringKey
{
    /// <summary>Says which clients' updates to expect for a round; the rounds before it have closed. May be repeated, with more clients.</summary>
    [Alias("open")]
    Task OpenAsync(RegionOrder order);

    /// <summary>Takes in a block of a sum that is too large for one message.</summary>
    [Alias("stage")]
    Task StageAsync(SumBlock block);

    /// <summary>Drops the blocks of a sum that its sender has given up.</summary>
    [Alias("unstage")]
    Task UnstageAsync(Guid sum);

    /// <summary>Offers a sum; safe to retry.</summary>
    /// <returns><see cref="UpdateReceipt.Accepted"/> where it is sent on with others; whatever the round says where it cannot be put together with them.</returns>
    [Alias("submit")]
    Task<UpdateReceipt> SubmitAsync(PartialSum updates);

    /// <summary>Sends on what it has.</summary>
    /// <returns>False when it knows nothing of the round.</returns>
    [Alias("flush")]
    Task<bool> FlushAsync(int round);
}

/// <summary>What a region is told of a round.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.region-order")]
internal sealed record RegionOrder
{
    /// <summary>Key of the run.</summary>
    [Id(0)] public required string RunKey { get; init; }

    /// <summary>The round.</summary>
    [Id(1)] public required int Round { get; init; }

    /// <summary>As the round's order has it.</summary>
    [Id(2)] public required long BaseVersion { get; init; }

    /// <summary>Clients whose updates are expected.</summary>
    [Id(3)] public required ImmutableArray<int> Clients { get; init; }

    /// <summary>Values a sum must have.</summary>
    [Id(4)] public required int UpdateLength { get; init; }

    /// <summary>Fraction bits of encoded sums.</summary>
    [Id(5)] public required int FractionBits { get; init; }

    /// <summary>What makes one thing of the updates.</summary>
    [Id(6)] public required string Aggregator { get; init; }

    /// <summary>The number it goes by.</summary>
    [Id(7)] public required double Trim { get; init; }

    /// <summary>As the round's order has it. Default: 0.</summary>
    [Id(8)] public int Epoch { get; init; }
}

/// <inheritdoc cref="IRegionGrain"/>
[Reentrant]
internal sealed class RegionGrain(IUpdateSink onwards, FederationParts parts, IOptions<TrainingOptions> options) : Grain, IRegionGrain
{
    private readonly HashSet<int> _expected = [];
    private readonly HashSet<int> _heard = [];
    private RegionOrder? _order;
    private IAggregator _aggregator = MeanAggregator.Instance;
    private LocalSum _sum = null!; // made with the order
    private StagedSums _staged = new(null);
    private IGrainTimer? _flush;

    public Task OpenAsync(RegionOrder order)
    {
        if (_order is null || (order.Epoch, order.Round, order.BaseVersion).CompareTo((_order.Epoch, _order.Round, _order.BaseVersion)) > 0) // a run that goes back to a checkpoint asks for earlier rounds again
        {
            _order = order;
            _aggregator = parts.Aggregator(order.Aggregator, order.Trim);
            (_sum, _staged) = (NewSum(order), StagedSums.For(_aggregator, order.UpdateLength));
            _expected.Clear();
            _heard.Clear();
            _flush ??= this.RegisterGrainTimer(ForwardAsync, new GrainTimerCreationOptions(options.Value.FlushInterval, options.Value.FlushInterval) { Interleave = true });
        }

        if (order.Round == _order.Round && order.Epoch == _order.Epoch)
        {
            _expected.UnionWith(order.Clients);
            _heard.ExceptWith(order.Clients); // asked again: what was heard of them is lost
        }

        return Task.CompletedTask;
    }

    public Task StageAsync(SumBlock block)
    {
        _staged.Add(block);
        return Task.CompletedTask;
    }

    public Task UnstageAsync(Guid sum)
    {
        _staged.Remove(sum);
        return Task.CompletedTask;
    }

    public async Task<UpdateReceipt> SubmitAsync(PartialSum updates)
    {
        if (_order is not { } order || order.Round < updates.Round)
        {
            return UpdateReceipt.UnknownRound;
        }

        if (order.Round > updates.Round)
        {
            return UpdateReceipt.Late;
        }

        if (_staged.Complete(updates) is not { } sum)
        {
            return UpdateReceipt.Incomplete;
        }

        _staged.Remove(updates.Staged);
        if (sum.Clients.Any(_heard.Contains) || sum.BaseVersion != order.BaseVersion || !_sum.TryMerge(sum, Read(sum, order)))
        {
            return await onwards.SendAsync(order.RunKey, sum with { Region = 0 }) ?? UpdateReceipt.UnknownRound; // the round says which of them count
        }

        _heard.UnionWith(sum.Clients.Concat(sum.Failed).Concat(sum.Rejected));
        if (_expected.IsSubsetOf(_heard))
        {
            await ForwardAsync();
        }

        return UpdateReceipt.Accepted;
    }

    public async Task<bool> FlushAsync(int round)
    {
        if (_order?.Round != round)
        {
            return false;
        }

        await ForwardAsync();
        return true;
    }

    private async Task ForwardAsync()
    {
        if (_order is not { } order || _sum.ToMessage(new TrainOrder(order.RunKey, order.Round, order.BaseVersion)) is not { } sum)
        {
            return;
        }

        _sum = NewSum(order); // its memory is on its way
        if (await onwards.SendAsync(order.RunKey, sum) is not (UpdateReceipt.Accepted or UpdateReceipt.Duplicate) && ReferenceEquals(_order, order))
        {
            _heard.ExceptWith(sum.Clients.Concat(sum.Failed).Concat(sum.Rejected)); // the round asks them again, if it still collects
        }
    }

    private IPartial? Read(PartialSum sum, RegionOrder order) =>
        sum.Clients.IsEmpty ? null : RoundMessages.ToPartial(sum, _aggregator, order.UpdateLength);

    private LocalSum NewSum(RegionOrder order) =>
        new(() => _aggregator.Empty(order.UpdateLength, new SumScale(order.FractionBits, Math.Max(1, _expected.Count))), UpdateLayout.Report); // names of faults in single updates, of which it sees none
}
