using System.Collections.Immutable;
using System.Globalization;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;

namespace FedRec.Grains.Parties;

/// <summary>Takes in what users do where clients keep their data themselves: new items, new users, and what they did, each durable before the answer.</summary>
/// <remarks>In this order, so that whatever is stored of a user is of a client that has a number and of items that have one; each step may be repeated.</remarks>
internal sealed class HostedIntake(IGrainFactory grains, HostedRegistries registries, HostedCatalogues catalogues, Organisations organisations, UserKeys keys, TimeProvider time)
{
    private const int LongestId = 1_000;
    private const int LongestName = 200;
    private const int InFlight = 64;

    /// <summary>Takes in many changes; all are checked before anything is stored.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="organisation">The organisation whose users they are of; null where each user is a client.</param>
    /// <param name="changes">The changes.</param>
    public async Task<ImportReceipt> ImportAsync(string federation, string? organisation, ImmutableArray<HistoryChange> changes)
    {
        if (organisation is not null && FaultOfName(organisation) is { } name)
        {
            return Refused(HistoryOutcome.Unfit, name);
        }

        if (changes.Length is 0 or > ImportReceipt.MostChanges)
        {
            return Refused(HistoryOutcome.Unfit, $"{changes.Length} interactions are imported at once; it must be 1 to {ImportReceipt.MostChanges}.");
        }

        if (changes.Select((change, place) => (Fault: FaultOf(change), Place: place)).FirstOrDefault(one => one.Fault is not null) is { Fault: { } fault, Place: var place })
        {
            return Refused(HistoryOutcome.Unfit, $"Interaction {place + 1}: {fault}");
        }

        var hasRatings = changes[0].Rating is not null;
        if (changes.FirstOrDefault(change => change.Rating.HasValue != hasRatings) is { } other) // before a federation begins with them
        {
            return Refused(HistoryOutcome.Unfit, $"That of user '{changes[0].User}' with item '{changes[0].Item}' has {(hasRatings ? "a" : "no")} rating, and that of user '{other.User}' with item '{other.Item}' {(hasRatings ? "none" : "one")}; give all of them ratings, or none.");
        }

        if (await grains.GetGrain<IFederationGrain>(federation).HostAsync(hasRatings) is not { } hosted)
        {
            return Refused(HistoryOutcome.Unfit, $"Federation '{federation}' simulates loaded data, whose users and items are given. Use another federation.");
        }

        if (changes.FirstOrDefault(change => change.Rating.HasValue != hosted.HasRatings) is { } odd)
        {
            return Refused(HistoryOutcome.Unfit, hosted.HasRatings
                ? $"The interactions of federation '{federation}' have ratings; that of user '{odd.User}' with item '{odd.Item}' has none."
                : $"The interactions of federation '{federation}' have no ratings; leave out that of user '{odd.User}' for item '{odd.Item}'.");
        }

        if (await ShadowOfAsync(federation, organisation, changes) is { } shadow)
        {
            return Refused(HistoryOutcome.Unfit, shadow);
        }

        if (organisation is not null)
        {
            await organisations.ThrowUnlessUpAsync(federation, organisation); // before its items are taken in
        }

        await catalogues.AddAsync(federation, changes.Select(change => change.Item!));
        return organisation is null ? await StoreAsync(federation, changes, hosted.LastRun) : await StoreOfAsync(federation, organisation, changes, hosted.LastRun);
    }

    /// <summary>Takes one change in.</summary>
    public async Task<HistoryReceipt> RecordAsync(string federation, HistoryChange change)
    {
        if (change.Kind == HistoryChangeKind.Added)
        {
            var named = await organisations.FindAsync(federation, change.User);
            var own = change with { User = named?.User ?? change.User, Time = change.Time ?? time.GetUtcNow().ToUnixTimeMilliseconds() };
            var receipt = await ImportAsync(federation, named?.Organisation, [own]);
            return new HistoryReceipt(receipt.Outcome, receipt.Message.Replace("Interaction 1: ", "", StringComparison.Ordinal));
        }

        if (FaultOf(change with { Time = change.Time ?? 0 }) is { } fault)
        {
            return new HistoryReceipt(HistoryOutcome.Unfit, fault);
        }

        change = change with { Time = change.Time ?? time.GetUtcNow().ToUnixTimeMilliseconds() };
        var lastRun = (await grains.GetGrain<IFederationGrain>(federation).GetSummaryAsync()).Runs.Length;
        if (await organisations.FindAsync(federation, change.User) is { } member)
        {
            return !await catalogues.KnowsAsync(federation, change.Item!) ? UnknownItem(change)
                : await member.Grain.RecordManyAsync([change with { User = member.User }], lastRun, CancellationToken.None) is { Added: > 0 } ? new HistoryReceipt(HistoryOutcome.Recorded, Recorded)
                : UnknownUser(change);
        }

        var user = grains.GetGrain<IUserGrain>(GrainKeys.User(federation, (await keys.GetAsync(federation)).Of(change.User)));
        return !await user.AskAsync(run: 0) ? UnknownUser(change)
            : !await catalogues.KnowsAsync(federation, change.Item!) ? UnknownItem(change)
            : await user.RecordManyAsync([change], lastRun, CancellationToken.None) is not null ? new HistoryReceipt(HistoryOutcome.Recorded, Recorded)
            : Forgotten(change.User);
    }

    /// <summary>Forgets a user, wherever the user's data is.</summary>
    /// <returns>What was erased; null when there is no such user.</returns>
    public async Task<ErasedUser?> ForgetAsync(string federation, string user, int lastRun)
    {
        if (await organisations.FindAsync(federation, user) is { } member)
        {
            var known = await member.Grain.CountAsync(member.User, CancellationToken.None);
            var erased = await member.Grain.ForgetAsync(member.User, lastRun, CancellationToken.None);
            await NoteAsync(federation, member.Key, await member.Grain.RecordManyAsync([], lastRun, CancellationToken.None)); // it has fewer users now
            return erased is null ? null : new ErasedUser(erased, known, await registries.NumberOfAsync(federation, member.Key));
        }

        var key = (await keys.GetAsync(federation)).Of(user);
        var grain = grains.GetGrain<IUserGrain>(GrainKeys.User(federation, key));
        if (!await grain.AskAsync(run: 0))
        {
            return null;
        }

        var count = await grain.CountAsync(CancellationToken.None);
        return new ErasedUser(await grain.ForgetAsync(lastRun, CancellationToken.None), count, await registries.NumberOfAsync(federation, key));
    }

    /// <summary>What is wrong with the name of an organisation; null for nothing.</summary>
    public static string? FaultOfName(string organisation) => string.IsNullOrWhiteSpace(organisation) || organisation.Length > LongestName || organisation.Contains('/', StringComparison.Ordinal)
        ? $"The client's name is '{organisation}'; it must have 1 to {LongestName} characters and no slash." : null;

    /// <summary>What is said of a change that is durable.</summary>
    public const string Recorded = "Recorded. Recommendations follow at once, training from the next run on.";

    /// <summary>What is said of a change of somebody who is out.</summary>
    public static HistoryReceipt Forgotten(string user) => new(HistoryOutcome.UserForgotten, $"User '{user}' was forgotten, and nothing is recorded of a forgotten user.");

    // What is wrong with ids that are a user's and name a user of an organisation too: one of the two would never be found again.
    private async Task<string?> ShadowOfAsync(string federation, string? organisation, ImmutableArray<HistoryChange> changes)
    {
        if (organisation is not null)
        {
            return await organisations.ClaimAsync(federation, organisation, forUsers: false) ? null
                : $"The client's name is '{organisation}', and there are users by themselves whose ids begin with '{organisation}/'; use another name.";
        }

        (string Name, string User)[] named = [.. changes.Select(change => (Name: OrganisationKey.Split(change.User)?.Organisation ?? "", change.User)).Where(one => one.Name.Length > 0).DistinctBy(one => one.Name)];
        foreach (var ask in new Func<string, Task<bool>>[] { name => organisations.MayClaimAsync(federation, name, forUsers: true), name => organisations.ClaimAsync(federation, name, forUsers: true) })
        {
            foreach (var (name, user) in named) // all are asked before any is taken; one that an organisation takes in between is refused all the same, and leaves the others taken
            {
                if (!await ask(name))
                {
                    return $"User '{user}' would be taken for a user of organisation '{name}'; import what the organisation's users did with client '{name}' and its own ids, or use an id that does not begin with '{name}/'.";
                }
            }
        }

        return null;
    }

    private async Task<ImportReceipt> StoreOfAsync(string federation, string organisation, ImmutableArray<HistoryChange> changes, int lastRun)
    {
        var (grain, key) = await organisations.OfAsync(federation, organisation);
        await registries.NumberOfAsync(federation, key); // joins, before anything is stored
        var amount = await grain.RecordManyAsync(changes, lastRun, CancellationToken.None);
        await NoteAsync(federation, key, amount);
        return await RecordedAsync(federation, Recorded, amount.Added);
    }

    private async Task NoteAsync(string federation, string organisation, RecordedAmount amount)
    {
        var size = new ClientSize(await registries.NumberOfAsync(federation, organisation), amount.SizeClass) { Users = amount.Users };
        await grains.GetGrain<IRegistryGrain>(federation).NoteSizesAsync([size], CancellationToken.None);
    }

    private async Task<ImportReceipt> StoreAsync(string federation, ImmutableArray<HistoryChange> changes, int lastRun)
    {
        var key = await keys.GetAsync(federation);
        var users = changes.GroupBy(change => change.User, StringComparer.Ordinal).Select(own => (Key: key.Of(own.Key), Changes: own.ToImmutableArray())).ToArray();
        var numbers = await registries.JoinAsync(federation, [.. users.Select(user => user.Key)]);
        var (recorded, isOut, sizes) = (0, (string?)null, ImmutableArray.CreateBuilder<ClientSize>());
        foreach (var part in users.Zip(numbers).Chunk(InFlight))
        {
            var amounts = await Task.WhenAll(part.Select(user =>
                grains.GetGrain<IUserGrain>(GrainKeys.User(federation, user.First.Key)).RecordManyAsync(user.First.Changes, lastRun, CancellationToken.None)));
            foreach (var ((user, number), amount) in part.Zip(amounts))
            {
                recorded += amount?.Added ?? 0;
                isOut = amount is null ? user.Changes[0].User : isOut;
                if (amount is { SizeChanged: true } or { Added: 0 }) // what was recorded already may be of an import that was cut off before sizes were noted
                {
                    sizes.Add(new ClientSize(number, amount.SizeClass));
                }
            }
        }

        if (sizes.Count > 0)
        {
            await grains.GetGrain<IRegistryGrain>(federation).NoteSizesAsync(sizes.ToImmutable(), CancellationToken.None);
        }

        return users.Length == 1 && isOut is not null
            ? Refused(HistoryOutcome.UserForgotten, Forgotten(isOut).Message)
            : await RecordedAsync(federation, isOut is null ? Recorded : $"{Recorded} What is of forgotten users was left out, such as '{isOut}'.", recorded);
    }

    private async Task<ImportReceipt> RecordedAsync(string federation, string message, int recorded) => new(
        HistoryOutcome.Recorded, message, recorded, await grains.GetGrain<IRegistryGrain>(federation).CountAsync(), await grains.GetGrain<ICatalogueGrain>(federation).CountAsync());

    private static HistoryReceipt UnknownUser(HistoryChange change) => new(HistoryOutcome.UnknownUser, $"There is no user '{change.User}'.");

    private static HistoryReceipt UnknownItem(HistoryChange change) => new(HistoryOutcome.UnknownItem, $"There is no item '{change.Item}' in the catalogue.");

    private static string? FaultOf(HistoryChange change) => change switch
    {
        { Kind: HistoryChangeKind.Forgotten } => "forgetting a user is no interaction.",
        { User.Length: 0 or > LongestId } => $"the user's id has {change.User.Length} characters; it must have 1 to {LongestId}.",
        { Item: null or { Length: 0 or > LongestId } } => $"the item's id has {change.Item?.Length ?? 0} characters; it must have 1 to {LongestId}.",
        { Rating: { } rating } when !float.IsFinite(rating) => $"the rating {rating.ToString(CultureInfo.InvariantCulture)} is not a number.",
        { Time: null } => "it has no time; give one (milliseconds since 1970).",
        { Time: < 0 or > 253_402_300_799_999 } => $"the time {change.Time} is not between the years 1970 and 9999, in milliseconds since 1970.",
        _ => null,
    };

    private static ImportReceipt Refused(HistoryOutcome outcome, string message) => new(outcome, message, 0, 0, 0);
}

/// <summary>What was erased of a user.</summary>
/// <param name="Erased">Runs that count some of it.</param>
/// <param name="Interactions">Recorded changes that were erased; null where that is not known.</param>
/// <param name="Client">Number of the client that the user was, or was one of.</param>
internal sealed record ErasedUser(ErasedChanges Erased, int? Interactions, int Client);
