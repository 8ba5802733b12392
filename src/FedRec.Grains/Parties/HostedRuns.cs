using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Core.Catalogues;
using FedRec.Core.Data.Times;
using FedRec.Core.Learners;
using FedRec.Core.Parties;

namespace FedRec.Grains.Parties;

/// <summary>Runs over data that clients keep themselves.</summary>
internal sealed class HostedRuns(IGrainFactory grains, HostedCatalogues catalogues, HostedServices services)
{
    /// <summary>The clients and items that there are.</summary>
    /// <exception cref="ArgumentException">The request asks for what needs loaded data, or there is nothing to train on.</exception>
    public async Task<HostedData> BindAsync(RunRequest request, HostedFederation hosted)
    {
        if (request.Rounds.MaxShare > 0)
        {
            throw new ArgumentException($"max-share is {request.Rounds.MaxShare.ToString(CultureInfo.InvariantCulture)}; it must be 0 where clients keep their data themselves.");
        }

        var (clients, items) = (await grains.GetGrain<IRegistryGrain>(request.Federation).CountAsync(), await grains.GetGrain<ICatalogueGrain>(request.Federation).CountAsync());
        return clients > 0 && items > 0 ? await SizedAsync(request.Federation, new HostedData(clients, items, hosted.HasRatings))
            : throw new ArgumentException($"Federation {request.Federation} has no interactions yet: send some (POST /api/v1/interactions), or import a file (fedrec import).");
    }

    /// <summary>What every silo knows of such a run.</summary>
    /// <exception cref="ArgumentException">The catalogue has lost items.</exception>
    public async Task<RunDefinition> DefineAsync(string runKey, RunRequest request, RunSource source)
    {
        var hosted = source.Hosted!;
        var (number, catalogue) = (GrainKeys.RunNumber(runKey), await catalogues.ReadAsync(request.Federation, hosted.Items));
        var shape = new FederationShape(hosted.Items, hosted.Clients, hosted.HasRatings)
        {
            Users = hosted.Users == 0 ? hosted.Clients : hosted.Users,
            HasTimes = true,
            TimeUnit = TimeUnit.Milliseconds,
            ItemFeatures = catalogue.Features,
        };
        var numbered = new Lazy<string>(() => Hash(catalogue, hosted, run: 0));
        var data = new DataDescription(request.Federation, PartyLog.Protocol(source.HoldOutValidation), new Lazy<string>(() => Hash(catalogue, hosted, number)), numbered);
        var parties = new HostedParties(request.Federation, number, catalogue, hosted.HasRatings, source.HoldOutValidation, services);
        return new RunDefinition(request, source, catalogue, shape, data, parties, new Lazy<int[]>([SizeClass.Most(hosted.LargestClass)]));
    }

    private async Task<HostedData> SizedAsync(string federation, HostedData data)
    {
        var (largest, users) = ((byte)0, 0);
        for (var partition = 0; partition * IRegistryGrain.PartitionSize < data.Clients; partition++)
        {
            var members = await grains.GetGrain<IRegistryGrain>(federation).ReadAsync(partition);
            largest = Math.Max(largest, members.SizeClasses.IsEmpty ? (byte)0 : members.SizeClasses.Max());
            users += members.Keys.Length - members.Users.Count + members.Users.Values.Sum();
        }

        return data with { LargestClass = largest, Users = users == data.Clients ? 0 : users };
    }

    // By whom and what it is about, and not by what they did: that nobody has in one place.
    private static string Hash(FederationCatalogue catalogue, HostedData hosted, int run)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{run} {hosted.Clients} {hosted.Items}")));
        for (var item = 0; item < hosted.Items; item++)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"\n{catalogue.Items[item].Length} {catalogue.Items[item]}")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
