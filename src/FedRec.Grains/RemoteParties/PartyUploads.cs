using FedRec.Contracts.RemoteParties;

namespace FedRec.Grains.RemoteParties;

/// <summary>The update of a party that comes in, block after block: one at a time, which goes on where it was cut off.</summary>
/// <remarks>In memory only: after a restart it begins again. Bytes of two answers that got mixed are no update, since all of them are signed.</remarks>
internal sealed class PartyUploads
{
    private PartyUpload? _open;

    /// <summary>How much of an update has arrived.</summary>
    public long ReceivedOf(PartyUpdateId update) => _open?.Update == update ? _open.Count : 0;

    /// <summary>Begins an update, or goes on with one.</summary>
    /// <param name="update">Which.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="from">Where its blocks begin.</param>
    /// <param name="most">The largest that it may be.</param>
    public PartyUploadAnswer Open(PartyUpdateId update, long bytes, long from, long most)
    {
        if (bytes <= 0 || bytes > most || (from != 0 && (_open?.Update != update || _open.Length != bytes || _open.Count != from)))
        {
            return new PartyUploadAnswer(Guid.Empty, most, ReceivedOf(update));
        }

        _open = from == 0 ? new PartyUpload(update, bytes) : _open!.Renamed();
        return new PartyUploadAnswer(_open.Id, most, from);
    }

    /// <summary>Adds a block.</summary>
    /// <returns>False when it is of another update, or does not follow the one before.</returns>
    public bool TryAdd(Guid upload, long offset, ReadOnlySpan<byte> block) => _open is { } open && open.Id == upload && open.TryAdd(offset, block);

    /// <summary>Hands an update over that is all there.</summary>
    /// <returns>Null when it is another one, or parts of it are missing.</returns>
    public PartyUpload? Take(Guid upload)
    {
        if (_open is not { IsComplete: true } sent || sent.Id != upload)
        {
            return null;
        }

        _open = null;
        return sent;
    }
}
