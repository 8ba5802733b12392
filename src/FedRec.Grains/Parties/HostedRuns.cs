using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
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
        var chosen = request.PartyLabels is { } labels ? await ChosenAsync(request.Federation, labels) : (ImmutableArray<int>?)null;
        var clients = await grains.GetGrain<IRegistryGrain>(request.Federation).CountAsync();
        var (items, corrections, sha256) = await catalogues.VersionAsync(request.Federation);
        return clients > 0 && items > 0 ? await SizedAsync(request, new HostedData(clients, items, hosted.HasRatings) { Chosen = chosen, Corrections = corrections, CatalogueSha256 = sha256 })
            : throw new ArgumentException(await WhyNothingAsync(request.Federation, clients));
    }

    private async Task<string> WhyNothingAsync(string federation, int clients)
    {
        var parties = await grains.GetGrain<IPartiesGrain>(federation).ListAsync();
        return parties.IsEmpty ? $"Federation {federation} has no interactions yet: send some (POST /api/v1/interactions), or import a file (fedrec import)."
            : clients > 0 ? $"The catalogue of federation {federation} has no items yet, and parties learn of no others. 'fedrec party catalogue items.csv --federation {federation}' takes a list into it."
            : $"No party of federation {federation} was let in yet ({string.Join(", ", parties.Take(3).Select(party => $"{party.Name}: {party.Standing.ToString().ToLowerInvariant()}"))}{(parties.Length > 3 ? ", …" : "")}). "
                + $"Once one has joined and both sides have compared its fingerprint, 'fedrec party approve NAME --federation {federation}' lets it in, as the page does.";
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
            Users = hosted.Users == 0 ? hosted.Chosen?.Length ?? hosted.Clients : hosted.Users,
            HasTimes = true,
            TimeUnit = TimeUnit.Milliseconds,
            ItemFeatures = catalogue.Features,
        };
        var numbered = new Lazy<string>(() => Hash(catalogue, hosted, run: 0));
        var data = new DataDescription(request.Federation, PartyLog.Protocol(source.HoldOutValidation), new Lazy<string>(() => Hash(catalogue, hosted, number)), numbered) { Interactions = hosted.Interactions };
        return new RunDefinition(request, source, catalogue, shape, data, parties, new Lazy<int[]>(() => SizesOf(hosted)));
    }

    // Parties that take part now and have all the labels; which ones that are is pinned with the run.
    private async Task<ImmutableArray<int>> ChosenAsync(string federation, string text)
    {
        if (SiloLabels.TryParse(text, out var wanted) is { } wrong)
        {
            throw new ArgumentException(wrong);
        }

        var parties = (await grains.GetGrain<IPartiesGrain>(federation).ListAsync()).Where(party => party is { Standing: PartyStanding.Active, Client: not null }).ToArray();
        ImmutableArray<int> chosen = [.. parties.Where(party => HasAll(party.Labels)).Select(party => party.Client!.Value).Order()];
        return chosen.Length > 0 ? chosen
            : throw new ArgumentException($"No party of federation {federation} that takes part has the label {text}. There are {(parties.Length == 0 ? "none that take part" : string.Join("; ", parties.Select(party => $"{party.Name} ({(party.Labels.Length == 0 ? "no labels" : party.Labels)})")))}.");

        bool HasAll(string labels) => SiloLabels.TryParse(labels, out var own) is null && wanted.All(label => own.GetValueOrDefault(label.Key) == label.Value);
    }

    // Of a size class its lower end: what a share is promised of is what each client has at least, and nobody weighs more.
    private static int[] SizesOf(HostedData data) => data.SizeClasses.IsEmpty ? [SizeClass.Most(data.LargestClass)] : [.. data.SizeClasses.ToArray().Select(SizeClass.Least)];

    private async Task<HostedData> SizedAsync(RunRequest request, HostedData data)
    {
        var (classes, users) = (new List<byte>(data.Clients), new Dictionary<int, int>());
        for (var partition = 0; partition * IRegistryGrain.PartitionSize < data.Clients; partition++)
        {
            var members = await grains.GetGrain<IRegistryGrain>(request.Federation).ReadAsync(partition);
            classes.AddRange(members.SizeClasses);
            foreach (var (place, count) in members.Users)
            {
                users[(partition * IRegistryGrain.PartitionSize) + place] = count;
            }
        }

        int[] numbers = data.Chosen is { } chosen ? [.. chosen] : [.. Enumerable.Range(0, data.Clients)];
        var all = numbers.Sum(client => users.GetValueOrDefault(client, 1));
        return data with
        {
            LargestClass = numbers.Max(client => classes[client]),
            Users = all == numbers.Length ? 0 : all,
            Interactions = numbers.Sum(client => (long)SizeClass.Least(classes[client])),
            SizeClasses = request.Rounds.MaxShare > 0 ? classes.Take(data.Clients).ToArray() : default(ReadOnlyMemory<byte>),
        };
    }

    // By whom and what it is about, and not by what they did: that nobody has in one place.
    private static string Hash(FederationCatalogue catalogue, HostedData hosted, int run)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{run} {hosted.Clients} {hosted.Items}{(hosted.Chosen is { } chosen ? $" of {string.Join(',', chosen)}" : "")}")));
        for (var item = 0; item < hosted.Items; item++)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"\n{catalogue.Items[item].Length} {catalogue.Items[item]}")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
