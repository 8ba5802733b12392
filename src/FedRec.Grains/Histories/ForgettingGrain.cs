using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;

namespace FedRec.Grains.Histories;

/// <summary>Keeps what was certified of one forgotten user, and says what has become of versions since.</summary>
internal sealed class ForgettingGrain([PersistentState("forgetting", GrainsSetup.StorageName)] IPersistentState<ForgettingCertificate> saved, VersionsWithout without, TimeProvider time) : Grain, IForgettingGrain
{
    private string Federation => GrainKeys.Federation(this.GetPrimaryKeyString());

    private IModelGrain Model => GrainFactory.GetGrain<IModelGrain>(Federation);

    public async Task<ForgettingCertificate> IssueAsync(
        ErasedChanges counted, int? interactions, int keptStates, ImmutableArray<string> remains, bool retires, CancellationToken cancellationToken = default)
    {
        var first = saved.State.Edition > 0 ? saved.State : new ForgettingCertificate
        {
            Federation = Federation,
            Subject = GrainKeys.UserOf(this.GetPrimaryKeyString()),
            ForgottenAt = time.GetUtcNow(),
            CountedAfter = counted.After,
            CountedLast = counted.Last,
            Interactions = interactions,
        };
        await CertifyAsync(first with { KeptStates = first.KeptStates + keptStates, Remains = remains }); // before anything is retired: so that what is deleted then is listed
        if (retires && !saved.State.Retires)
        {
            await Model.RetireAsync(counted, CancellationToken.None);
            await CertifyAsync(saved.State with { Retires = true });
        }

        return saved.State;
    }

    private async Task CertifyAsync(ForgettingCertificate certificate)
    {
        var counted = new ErasedChanges(certificate.CountedAfter, certificate.CountedLast);
        var summary = await Model.GetSummaryAsync(CancellationToken.None);
        var stored = summary.Versions.Where(line => counted.IsIn(GrainKeys.RunNumber(line.RunId))).Select(line => new CountingVersion(line.Version, line.RunId, line.Sha256, FateOf(line, certificate.Retires))).ToArray();
        var gone = certificate.Versions.Where(known => Array.TrueForAll(stored, one => one.Version != known.Version)).Select(known => known with { Fate = VersionFate.Deleted });
        var next = certificate with
        {
            Versions = [.. stored.Concat(gone).OrderBy(version => version.Version)],
            Without = certificate.Without is { How: not Unlearning.Continued } known ? known : await without.FindAsync(Federation, counted, summary.Versions) ?? certificate.Without,
        };
        if (saved.State.Edition > 0 && next.Statement().AsSpan().SequenceEqual(saved.State.Statement()))
        {
            return;
        }

        saved.State = await GrainFactory.GetGrain<IServerKeyGrain>(Federation).SignAsync(next with { Edition = next.Edition + 1, IssuedAt = time.GetUtcNow() }, CancellationToken.None);
        await saved.WriteOrDeactivateAsync(this);
    }

    private static VersionFate FateOf(ModelVersionLine line, bool retires) => line.Pinned ? VersionFate.UntilUnpinned : retires ? VersionFate.UntilReplaced : VersionFate.UntilRetention;
}
