using FedRec.Contracts.RemoteParties;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Grains.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>What a party trains from: read again when a run begins, and the same for all its rounds.</summary>
/// <remarks>Of a file of lines that was only appended to, the new lines are read, and in the middle of a run what was there when it began; anything else is read whole.</remarks>
/// <param name="folder">The party.</param>
/// <param name="parts">What orders can name.</param>
/// <param name="say">Tells the party's owner.</param>
/// <param name="changed">Told of what was read.</param>
internal sealed class PartyData(PartyFolder folder, FederationParts parts, Action<string> say, Action<RemoteTrainer> changed) : IDisposable
{
    private RemoteTrainer? _trainer;
    private DateTime? _readAt; // null where only reading again tells whether there is anything new
    private FileMark? _mark;
    private InteractionFile? _file; // how the file was understood, with its rows left out
    private bool _isRated;
    private RunData? _run; // that was last trained for

    /// <summary>The party's side of training; there once it was read.</summary>
    public RemoteTrainer Trainer => _trainer ?? throw new InvalidOperationException("The data has not been read yet.");

    /// <summary>SHA-256 of the data; empty before it was read.</summary>
    public string Fingerprint { get; private set; } = "";

    private PartyMembership Membership => folder.Membership;

    /// <summary>Reads it, unless that was done.</summary>
    /// <exception cref="DatasetException">It cannot be read.</exception>
    /// <exception cref="CliException">The database's provider cannot be loaded.</exception>
    public void ReadUnlessRead()
    {
        if (_trainer is null)
        {
            Read();
        }
    }

    /// <summary>Makes the data ready that an order is about.</summary>
    /// <exception cref="ArgumentException">It is not there any more, or cannot be read; the message is for the coordinator.</exception>
    public void MakeReady(PartyOrder order)
    {
        var run = new RunData(order.Update.Run, order.ConfigSha256, Fingerprint);
        _run ??= folder.ReadRunData();
        if (_run?.IsAs(run) == true || (_run?.IsOf(run) != true && order.Evaluation is not null)) // evaluations of other runs go by what is there
        {
            return;
        }

        if (_readAt is null || PartyRows.LastWrite(Membership) != _readAt)
        {
            Try(order, Read);
        }

        if (_run?.IsOf(run) != true)
        {
            _run = run with { Fingerprint = Fingerprint, Mark = _mark };
            folder.WriteRunData(_run); // before anything is trained for it
        }
        else if (_run.Fingerprint != Fingerprint) // a restart, or a query, has found other data than the run began with
        {
            Try(order, () => ReadAsOf(_run));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _trainer?.Dispose();

    private void Read()
    {
        var (readAt, mark) = (PartyRows.LastWrite(Membership), Membership.Reading.Query is null ? FileMark.Of(Membership.Data) : null);
        if (!TryReadAppended(mark))
        {
            var file = PartyRows.Read(Membership, mark?.Read);
            Take(PartyRows.Open(Membership, parts, file, folder.ReadNoiseKey()), file, "");
        }

        (_readAt, _mark) = (readAt, mark);
    }

    private bool TryReadAppended(FileMark? now)
    {
        if (_mark is null || now is null || _file is null || !Membership.MatchesById || now.Bytes <= _mark.Bytes || !_mark.IsStartOf(Membership.Data))
        {
            return false;
        }

        InteractionFile appended;
        try
        {
            appended = PartyRows.Read(Membership, _mark.Appended(now));
        }
        catch (DatasetException)
        {
            return false; // alone they say less than with the others, which are read again then
        }

        if (!IsAlike(appended.Report, _file.Report) || appended.Rows.Any(row => row.Rating.HasValue != _isRated))
        {
            return false;
        }

        Take(Trainer.With(PartyRows.Changes(Membership, appended)), _file, $"; {appended.Rows.Count:N0} rows were appended");
        return true;
    }

    // The rows that a run began with, where the file still begins with them.
    private void ReadAsOf(RunData run)
    {
        if (run.Mark is { } mark && mark.IsStartOf(Membership.Data))
        {
            var file = PartyRows.Read(Membership, mark.Read);
            var trainer = PartyRows.Open(Membership, parts, file, folder.ReadNoiseKey());
            if (trainer.Fingerprint == run.Fingerprint)
            {
                Take(trainer, file, $", as they were when {run.Run} began");
                (_readAt, _mark) = (null, mark);
                return;
            }

            trainer.Dispose();
        }

        throw new ArgumentException($"The party's data has changed since {run.Run} began, and all rounds of a run are about the same data. The party takes part again from the next run on, or once the data is as it was.");
    }

    // What is wrong with the data is for its owner only.
    private void Try(PartyOrder order, Action read)
    {
        try
        {
            read();
        }
        catch (Exception exception) when (exception is DatasetException or IOException or UnauthorizedAccessException)
        {
            say($"{order.Update.Run}: the data cannot be read: {exception.Message}");
            throw new ArgumentException("The party's data cannot be read at the moment.", exception);
        }
    }

    private void Take(RemoteTrainer trainer, InteractionFile file, string how)
    {
        _trainer?.Dispose();
        (_trainer, Fingerprint, _isRated, _file) = (trainer, trainer.Fingerprint, file.Rows is [{ Rating: not null }, ..] || (file.Rows.Count == 0 && _isRated), file with { Rows = [] });
        changed(trainer);
        say($"{trainer.Report.Users:N0} users with {trainer.Interactions:N0} interactions in {PartyRows.Place(Membership)}{how}");
    }

    private static bool IsAlike(FileReport? one, FileReport? other) => one is not null && other is not null
        && (one.Format, one.Encoding, one.Times) == (other.Format, other.Encoding, other.Times) && one.Columns.SequenceEqual(other.Columns);
}
