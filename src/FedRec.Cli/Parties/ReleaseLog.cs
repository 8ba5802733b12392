using System.Text.Json;
using FedRec.Cli.Output;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>What has left a party, a line of JSON each: written before it is sent, so that whatever may have left the machine is in it. One process writes it.</summary>
/// <param name="path">The file.</param>
internal sealed class ReleaseLog(string path)
{
    private List<Release>? _recent; // updates, in the order of the file
    private List<SecureConsent>? _consents;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Looks whether lines can be added, before anything is done that needs one.</summary>
    /// <exception cref="PartyFileException">They cannot.</exception>
    public void RequireWritable() => PartyFiles.Try(path, "cannot be written", Open).Dispose();

    /// <summary>Adds a line, on the disk before it returns.</summary>
    /// <exception cref="PartyFileException">It cannot be written; nothing may be sent then.</exception>
    public void Add<T>(T line)
    {
        PartyFiles.Try(path, "cannot be written", () =>
        {
            using var log = Open();
            var before = log.Length;
            try
            {
                EndTornLine(log);
                log.Write(System.Text.Encoding.UTF8.GetBytes(Json.Line(line) + "\n"));
                log.Flush(flushToDisk: true);
                return true;
            }
            catch (IOException) when (log.Length > before)
            {
                log.SetLength(before); // such as on a full disk: no half of a line stays
                throw;
            }
        });

        if (line is Release release)
        {
            _recent?.Add(release);
        }
        else if (line is SecureConsent consent)
        {
            _consents?.Add(consent);
        }
    }

    /// <summary>Whether the party has agreed to a sum of another try of a round: what it would send for this one is the same, and the difference of the two sums would tell it.</summary>
    /// <param name="order">The round.</param>
    /// <param name="session">This try.</param>
    public bool HasConsentedToAnother(PartyOrder order, string session) =>
        (_consents ??= Read<SecureConsent>(SecureConsent.Consent)).Exists(consent => (consent.Run, consent.Round, consent.Configuration) == (order.Update.Run, order.Update.Round, order.ConfigSha256) && consent.Session != session);

    /// <summary>What the party has added to.</summary>
    /// <param name="since">From this time on.</param>
    /// <param name="but">An order that is not counted itself: what was sent for it before has the same bytes, and its run has one ε, however many rounds.</param>
    public RecentReleases Since(DateTimeOffset since, PartyOrder but)
    {
        _recent ??= Read<Release>(Release.Update);
        _recent.RemoveAll(release => release.At < since);
        return new RecentReleases(
            _recent.Where(release => !release.IsFor(but)).Select(release => (release.Run, release.Round, release.Model, release.Catalogue, release.Configuration)).Distinct().Count(),
            _recent.Where(release => (release.Run, release.Configuration) != (but.Update.Run, but.ConfigSha256)).Select(release => (release.Run, release.Configuration, release.Epsilon)).Distinct()
                .Sum(run => run.Epsilon ?? double.PositiveInfinity),
            _recent.Where(release => (release.Run, release.Configuration) == (but.Update.Run, but.ConfigSha256) && !release.IsFor(but)).Select(release => (release.Round, release.Model, release.Catalogue)).Distinct().Count());
    }

    // A line that a crash cut off is no release: nothing is sent before its line is on the disk.
    private List<T> Read<T>(string what)
        where T : class, ILogged
    {
        var all = new List<T>();
        foreach (var line in System.IO.Path.Exists(path) ? PartyFiles.Try(path, "cannot be read", () => File.ReadLines(path)) : [])
        {
            try
            {
                if (line.Contains(what, StringComparison.Ordinal) && Json.Read<T>(line) is { } read && read.What == what)
                {
                    all.Add(read);
                }
            }
            catch (JsonException)
            {
                // cut off
            }
        }

        return all;
    }

    private FileStream Open() => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);

    private static void EndTornLine(FileStream log)
    {
        if (log.Length > 0)
        {
            log.Seek(-1, SeekOrigin.End);
            if (log.ReadByte() != '\n')
            {
                log.WriteByte((byte)'\n');
            }
        }
    }
}

/// <summary>What a party has added to lately.</summary>
/// <param name="Rounds">Rounds.</param>
/// <param name="Epsilon">Sum of the ε of all other private runs; infinite where one was not private.</param>
/// <param name="OfRun">Rounds of the run that is asked for.</param>
internal readonly record struct RecentReleases(int Rounds, double Epsilon = 0, int OfRun = 0);

/// <summary>A line of the log that is looked up again.</summary>
internal interface ILogged
{
    /// <summary>Which kind.</summary>
    string What { get; }
}

/// <summary>That the party has signed whose masked updates are in a sum, its own among them.</summary>
/// <param name="At">When.</param>
/// <param name="What"><see cref="Consent"/>.</param>
/// <param name="Run">The run.</param>
/// <param name="Round">Its round.</param>
/// <param name="Configuration">Hash of the settings.</param>
/// <param name="Session">Hash of all that server and clients had agreed on.</param>
internal sealed record SecureConsent(DateTimeOffset At, string What, string Run, int Round, string Configuration, string Session) : ILogged
{
    /// <summary>In <see cref="What"/>.</summary>
    public const string Consent = "consent";
}

/// <summary>An update that may have left the party.</summary>
/// <param name="At">When.</param>
/// <param name="What"><see cref="Update"/>; other lines of the log say something else.</param>
/// <param name="Run">The run.</param>
/// <param name="Round">Its round.</param>
/// <param name="Attempt">How often the party was asked.</param>
/// <param name="Learner">The learner.</param>
/// <param name="Users">Users that it is summed over.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its hash.</param>
/// <param name="Model">Hash of the parameters that it was trained from.</param>
/// <param name="Catalogue">Hash of the catalogue.</param>
/// <param name="Configuration">Hash of the settings.</param>
/// <param name="Epsilon">The most ε that its run may spend; null where the run is not private.</param>
internal sealed record Release(
    DateTimeOffset At, string What, string Run, int Round, int Attempt, string Learner, int Users, long Bytes, string Sha256, string Model, string Catalogue, string Configuration, double? Epsilon = null) : ILogged
{
    /// <summary>In <see cref="What"/>, of updates.</summary>
    public const string Update = "update";

    /// <summary>Whether an order asks for the same thing again.</summary>
    public bool IsFor(PartyOrder order) => (Run, Round, Model, Catalogue, Configuration) == (order.Update.Run, order.Update.Round, order.ModelSha256, order.CatalogueSha256, order.ConfigSha256);
}
