using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using Orleans.Concurrency;

namespace FedRec.Grains.Parties;

/// <summary>Finds organisations by their names, and binds them to silos.</summary>
[StatelessWorker]
internal sealed partial class OrganisationsGrain(UserKeys keys, Organisations organisations, SiloLabels silos, SiloParties parties, ILogger<OrganisationsGrain> log) : Grain, IOrganisationsGrain
{
    private string Federation => this.GetPrimaryKeyString();

    private IRegistryGrain Registry => GrainFactory.GetGrain<IRegistryGrain>(Federation);

    public async Task<OrganisationLine> SetLabelAsync(string name, string? label, bool? hasRatings = null, CancellationToken cancellationToken = default)
    {
        if (HostedIntake.FaultOfName(name) is { } fault)
        {
            throw new ArgumentException(fault);
        }

        if (label is not null && SiloLabels.TryParse(label, out var parsed) is var wrong && (wrong is not null || parsed.Count != 1 || label.Contains(',', StringComparison.Ordinal)))
        {
            throw new ArgumentException(wrong ?? $"The label is '{label}'; an organisation is bound to one. {SiloLabels.Form}.");
        }

        await ThrowUnlessHostedAsync(hasRatings);
        var key = (await keys.GetAsync(Federation)).OfOrganisation(name);
        if (await Registry.FindAsync(key, cancellationToken) is null && !await organisations.ClaimAsync(Federation, name, forUsers: false))
        {
            throw new ArgumentException($"There are users by themselves whose ids begin with '{name}/', so no organisation can have the name '{name}'; use another one.");
        }

        await Registry.SetLabelAsync(key, label, CancellationToken.None);
        await Task.WhenAll(silos.Up(label: null).Select(silo => LetGoAsync(silo, name, label)));
        return (await LineAsync(key))!;
    }

    public async Task<OrganisationLine?> FindAsync(string name, CancellationToken cancellationToken = default) => await LineAsync((await keys.GetAsync(Federation)).OfOrganisation(name));

    public async Task<ImmutableArray<OrganisationLine>> ListAsync(CancellationToken cancellationToken = default)
    {
        var lines = ImmutableArray.CreateBuilder<OrganisationLine>();
        for (var number = 0; ; number++)
        {
            var members = await Registry.ReadAsync(number, cancellationToken);
            lines.AddRange(members.Keys.Index().Where(one => OrganisationKey.Is(one.Item)).Select(one => Line(members, number, one.Index)));
            if (members.Keys.Length < IRegistryGrain.PartitionSize)
            {
                return lines.ToImmutable();
            }
        }
    }

    private async Task ThrowUnlessHostedAsync(bool? hasRatings)
    {
        var federation = GrainFactory.GetGrain<IFederationGrain>(Federation);
        var isHosted = (await federation.GetSummaryAsync()) is { Hosted: not null } || (hasRatings is { } ratings && await federation.HostAsync(ratings, CancellationToken.None) is not null);
        if (!isHosted)
        {
            throw new ArgumentException(hasRatings is null
                ? $"Federation '{Federation}' has no clients that keep their data themselves. Import something (fedrec import --client NAME --label LABEL sets the label first), or say whether interactions will carry ratings."
                : $"Federation '{Federation}' simulates loaded data, whose clients are on every silo. Use another federation.");
        }
    }

    private async Task LetGoAsync(SiloAddress silo, string name, string? label)
    {
        try
        {
            await parties.On(silo).LetGoAsync(Federation);
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            if (silos.Up(label: null).Contains(silo))
            {
                LogNoAnswer(Federation, silo, exception);
                throw new SiloLabelException($"Organisation '{name}' is bound to {label ?? "any silo"} now, but silo {silo} has not said that it let go of what it had in memory. Set it again; a silo of an earlier release never does: stop it.", label);
            }
        }
    }

    private async Task<OrganisationLine?> LineAsync(string key)
    {
        if (await Registry.FindAsync(key) is not { } client)
        {
            return null;
        }

        var (number, place) = (client / IRegistryGrain.PartitionSize, client % IRegistryGrain.PartitionSize);
        return Line(await Registry.ReadAsync(number), number, place);
    }

    private OrganisationLine Line(RegistryPartition members, int number, int place)
    {
        var label = members.Labels.GetValueOrDefault(place);
        return new OrganisationLine((number * IRegistryGrain.PartitionSize) + place, members.Users.GetValueOrDefault(place), label, silos.Up(label).Length);
    }

    [LoggerMessage(LogLevel.Warning, "Federation {Federation}: silo {Silo} has not said that it let go of an organisation whose label has changed")]
    private partial void LogNoAnswer(string federation, SiloAddress silo, Exception exception);
}
