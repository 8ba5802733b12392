using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Updates;

namespace FedRec.Grains.Rounds;

/// <summary>Updates summed since a sum was last sent: those of one training thread, or those of all of a silo's put together.</summary>
/// <remarks>Integer sums: how updates are spread over threads is invisible in the result. Safe to call from many threads.</remarks>
/// <param name="create">Makes an empty sum; called once there is an update, as a sum is as large as the model.</param>
/// <param name="layout">Names what is in the sum.</param>
internal sealed class LocalSum(Func<IPartial> create, UpdateLayout layout)
{
    private readonly Lock _gate = new();
    private readonly List<int> _counted = [];
    private readonly List<int> _failed = [];
    private readonly List<int> _rejected = [];
    private IPartial? _sum;
    private UpdateFault? _fault;
    private long _bytesUp;
    private int _clipped;

    /// <summary>All clients whose outcome is in here.</summary>
    public IEnumerable<int> Clients => _counted.Concat(_failed).Concat(_rejected);

    /// <summary>Adds a client's update; one that cannot be added is rejected.</summary>
    /// <param name="client">Number of the client.</param>
    /// <param name="update">What it sends.</param>
    /// <param name="outcome">What the steps on its way have done to it.</param>
    public void Add(int client, ClientUpdate update, UpdateOutcome outcome = UpdateOutcome.Unchanged)
    {
        var bytes = update.EncodedBytes; // which may pack it: not while others wait
        lock (_gate)
        {
            _sum ??= create();
            if (_sum.TryAdd(client, update))
            {
                _counted.Add(client);
                _bytesUp += bytes;
                _clipped += outcome.HasFlag(UpdateOutcome.Clipped) ? 1 : 0;
            }
            else
            {
                Reject(client, UpdateFaults.Of(_sum.FindFault(update), layout));
            }
        }
    }

    /// <summary>Adds a client's masked update.</summary>
    /// <param name="input">What it sends.</param>
    /// <param name="outcome">What the steps on its way have done to it.</param>
    /// <exception cref="InvalidOperationException">It is in the sum already.</exception>
    public void Add(MaskedInput input, UpdateOutcome outcome)
    {
        lock (_gate)
        {
            _sum ??= create();
            if (!((MaskedUpdates)_sum).TryAdd(input))
            {
                throw new InvalidOperationException($"The masked update of client {input.Receipt.Number} is in the sum already.");
            }

            _counted.Add(input.Receipt.Number);
            _bytesUp += input.Words.Length;
            _clipped += outcome.HasFlag(UpdateOutcome.Clipped) ? 1 : 0;
        }
    }

    /// <summary>Adds a sum that others have made.</summary>
    /// <param name="sum">As it travelled.</param>
    /// <param name="partial">Its values, read; null where no client is in it.</param>
    /// <returns>False, with nothing added, where it does not fit.</returns>
    public bool TryMerge(PartialSum sum, IPartial? partial)
    {
        lock (_gate)
        {
            if (partial is not null)
            {
                var total = _sum ?? create();
                if (!total.IsLike(partial) || !total.CanMerge(partial))
                {
                    return false;
                }

                total.Merge(partial);
                _sum = total;
            }

            _counted.AddRange(sum.Clients);
            _failed.AddRange(sum.Failed);
            _rejected.AddRange(sum.Rejected);
            _fault = UpdateFaults.Graver(_fault, sum.Fault);
            (_bytesUp, _clipped) = (_bytesUp + sum.BytesUp, _clipped + sum.Clipped);
            return true;
        }
    }

    /// <summary>Notes that a client's update cannot be added.</summary>
    public void Reject(int client, UpdateFault fault)
    {
        lock (_gate)
        {
            _rejected.Add(client);
            _fault = UpdateFaults.Graver(_fault, fault);
        }
    }

    /// <summary>Notes that a client has failed.</summary>
    public void Fail(int client)
    {
        lock (_gate)
        {
            _failed.Add(client);
        }
    }

    /// <summary>Takes everything out and adds it to another sum, which nobody else uses yet.</summary>
    public void MoveTo(LocalSum total)
    {
        lock (_gate)
        {
            total._counted.AddRange(_counted);
            total._failed.AddRange(_failed);
            total._rejected.AddRange(_rejected);
            total._fault = UpdateFaults.Graver(total._fault, _fault);
            total._bytesUp += _bytesUp;
            total._clipped += _clipped;
            total.Merge(_sum);
            _counted.Clear();
            _failed.Clear();
            _rejected.Clear();
            (_sum, _fault, _bytesUp, _clipped) = (null, null, 0, 0);
        }
    }

    /// <summary>The message to the round; null when there is nothing to say. Its memory is handed over: nothing may be added afterwards.</summary>
    public PartialSum? ToMessage(TrainOrder order) => !Clients.Any() ? null : RoundMessages.ToMessage(order, _sum, [.. _counted], _bytesUp) with
    {
        Failed = [.. _failed],
        Rejected = [.. _rejected],
        Fault = _fault,
        Clipped = _clipped,
    };

    private void Merge(IPartial? sum)
    {
        if (_sum is not null && sum is not null)
        {
            _sum.Merge(sum);
            sum.Release();
        }

        _sum ??= sum;
    }
}
