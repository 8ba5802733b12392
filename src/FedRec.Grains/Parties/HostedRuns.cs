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
    /// <exception cref="ArgumentException">There is nothing to train on.</exception>
    public async Task<HostedData> BindAsync(RunRequest request, HostedFederation hosted)
    {
        var clients = await grains.GetGrain<IRegistryGrain>(request.Federation).CountAsync();
        var (items, corrections, sha256) = await catalogues.VersionAsync(request.Federation);
        return clients > 0 && items > 0 ? await SizedAsync(request, new HostedData(clients, items, hosted.HasRatings) { Corrections = corrections, CatalogueSha256 = sha256 })
            : throw new ArgumentException($"Federation {request.Federation} has no interactions yet: send some (POST /api/v1/interactions), or import a file (fedrec import).");
    }

    /// <summary>What every silo knows of such a run.</summary>
    /// <exception cref="ArgumentException">The catalogue has lost items.</exception>
    public async Task<RunDefinition> DefineAsync(string runKey, RunRequest request, RunSource source)
    {
        var hosted = source.Hosted!;
        var (number, catalogue) = (GrainKeys.RunNumber(runKey), await catalogues.ReadAsync(request.Federation, hosted));
        return Define(number, request, source, catalogue, new HostedParties(request.Federation, number, catalogue, hosted.HasRatings, source.HoldOutValidation, services));
    }

    /// <summary>The same, to whoever has the catalogue and knows where the data is.</summary>
    /// <param name="number">Number of the run.</param>
    /// <param name="request">As it was asked for, defaults filled in.</param>
    /// <param name="source">What it is about.</param>
    /// <param name="catalogue">The version of the catalogue that the source says.</param>
    /// <param name="parties">Where the clients' data is.</param>
    public static RunDefinition Define(int number, RunRequest request, RunSource source, FederationCatalogue catalogue, IPartyData parties)
    {
        var hosted = source.Hosted!;
        var shape = new FederationShape(hosted.Items, hosted.Clients, hosted.HasRatings)
        {
            Users = hosted.Users == 0 ? hosted.Clients : hosted.Users,
            HasTimes = true,
            TimeUnit = TimeUnit.Milliseconds,
            ItemFeatures = catalogue.Features,
        };
        var numbered = new Lazy<string>(() => Hash(catalogue, hosted, run: 0));
        var data = new DataDescription(request.Federation, PartyLog.Protocol(source.HoldOutValidation), new Lazy<string>(() => Hash(catalogue, hosted, number)), numbered) { Interactions = hosted.Interactions };
        return new RunDefinition(request, source, catalogue, shape, data, parties, new Lazy<int[]>(() => SizesOf(hosted)));
    }

    // Of a size class its lower end: what a share is promised of is what each client has at least, and nobody weighs more.
    private static int[] SizesOf(HostedData data) => data.SizeClasses.IsEmpty ? [SizeClass.Most(data.LargestClass)] : [.. data.SizeClasses.ToArray().Select(SizeClass.Least)];

    private async Task<HostedData> SizedAsync(RunRequest request, HostedData data)
    {
        var (classes, users) = (new List<byte>(data.Clients), 0);
        for (var partition = 0; partition * IRegistryGrain.PartitionSize < data.Clients; partition++)
        {
            var members = await grains.GetGrain<IRegistryGrain>(request.Federation).ReadAsync(partition);
            classes.AddRange(members.SizeClasses);
            users += members.Keys.Length - members.Users.Count + members.Users.Values.Sum();
        }

        return data with
        {
            LargestClass = classes.Max(),
            Users = users == data.Clients ? 0 : users,
            Interactions = classes.Sum(size => (long)SizeClass.Least(size)),
            SizeClasses = request.Rounds.MaxShare > 0 ? classes.Take(data.Clients).ToArray() : default(ReadOnlyMemory<byte>),
        };
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
