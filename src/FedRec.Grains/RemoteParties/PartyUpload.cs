using FedRec.Contracts.RemoteParties;

namespace FedRec.Grains.RemoteParties;

/// <summary>An update of a party that comes in, block after block.</summary>
/// <param name="update">Which.</param>
/// <param name="bytes">Its length, as it was announced and allowed.</param>
internal sealed class PartyUpload(PartyUpdateId update, long bytes)
{
    private readonly byte[] _bytes = new byte[bytes];
    private int _count;

    /// <summary>Names it while it comes in.</summary>
    public Guid Id { get; private set; } = Guid.NewGuid();

    /// <summary>Which it is.</summary>
    public PartyUpdateId Update => update;

    /// <summary>Bytes of all of it.</summary>
    public long Length => _bytes.Length;

    /// <summary>Bytes that have come.</summary>
    public long Count => _count;

    /// <summary>Whether all of it is there.</summary>
    public bool IsComplete => _count == _bytes.Length;

    /// <summary>What has come.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _count);

    /// <summary>All of it, for whoever keeps it.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>The same by another name: blocks of a request that was cut off are late then.</summary>
    public PartyUpload Renamed()
    {
        Id = Guid.NewGuid();
        return this;
    }

    /// <summary>Adds a block.</summary>
    /// <returns>False when it does not follow the one before, or is too much.</returns>
    public bool TryAdd(long offset, ReadOnlySpan<byte> block)
    {
        if (offset != _count || block.Length > _bytes.Length - _count)
        {
            return false;
        }

        block.CopyTo(_bytes.AsSpan(_count));
        _count += block.Length;
        return true;
    }
}
