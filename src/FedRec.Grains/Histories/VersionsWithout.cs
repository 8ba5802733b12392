using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;

namespace FedRec.Grains.Histories;

/// <summary>Finds a version that a forgotten user is out of, and tells in which way.</summary>
internal sealed class VersionsWithout(IGrainFactory grains, FederationParts parts)
{
    /// <summary>The first version that remembers nothing; else the first that was trained since.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="counted">Runs that may have counted the user.</param>
    /// <param name="versions">All that are stored, oldest first.</param>
    /// <returns>Null when nothing was trained since.</returns>
    public async Task<VersionWithout?> FindAsync(string federation, ErasedChanges counted, ImmutableArray<ModelVersionLine> versions)
    {
        VersionWithout? first = null;
        foreach (var line in versions.Where(line => GrainKeys.RunNumber(line.RunId) > counted.Last))
        {
            var found = new VersionWithout(line.Version, line.RunId, line.Sha256, line.Learner, await HowAsync(federation, counted, line.Version));
            if (found.How != Unlearning.Continued)
            {
                return found;
            }

            first ??= found;
        }

        return first;
    }

    // Back from version to version, until one is known to be without the user, or to be with the user.
    private async Task<Unlearning> HowAsync(string federation, ErasedChanges counted, long version)
    {
        while (await ManifestAsync(federation, version) is { } manifest)
        {
            var number = GrainKeys.RunNumber(manifest.RunId);
            if (number <= counted.Last)
            {
                return number <= counted.After ? Unlearning.Retrained : Unlearning.Continued;
            }

            var status = await grains.GetGrain<IRunGrain>(GrainKeys.Run(federation, manifest.RunId)).GetStatusAsync();
            if (status is null || status.Request.WarmStartFrom is not null) // another federation's version may come from one of this
            {
                return Unlearning.Continued;
            }

            if (manifest.Parent == 0)
            {
                return Unlearning.Retrained;
            }

            var learner = parts.Learner(status.Request.Learner);
            if (learner.Recommended(status.Request.LearnerOptions).TakesChanges)
            {
                // an option that the user had a vote in stays as it was voted
                return learner.Resolved(status.Request.LearnerOptions).SequenceEqual(manifest.LearnerOptions) ? Unlearning.Subtracted : Unlearning.Continued;
            }

            version = manifest.Parent;
        }

        return Unlearning.Continued;
    }

    // One that is damaged is as one that is gone: nothing is known of it.
    private async Task<ModelManifest?> ManifestAsync(string federation, long version)
    {
        try
        {
            return await grains.GetGrain<IModelGrain>(federation).GetManifestAsync(version);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
