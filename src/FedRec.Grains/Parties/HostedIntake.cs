using System.Collections.Immutable;
using System.Globalization;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Grains.Histories;

namespace FedRec.Grains.Parties;

/// <summary>Takes in what users do where clients keep their data themselves: new items, new users, and what they did, each durable before the answer.</summary>
/// <remarks>In this order, so that whatever is stored of a user is of a client that has a number and of items that have one; each step may be repeated.</remarks>
internal sealed class HostedIntake(IGrainFactory grains, HostedRegistries registries, HostedCatalogues catalogues, UserKeys keys, TimeProvider time)
{
    private const int LongestId = 1_000;
    private const int InFlight = 64;

    /// <summary>Takes in many changes; all are checked before anything is stored.</summary>
    public async Task<ImportReceipt> ImportAsync(string federation, ImmutableArray<HistoryChange> changes)
    {
        if (changes.Length is 0 or > ImportReceipt.MostChanges)
        {
            return Refused(HistoryOutcome.Unfit, $"{changes.Length} interactions are imported at once; it must be 1 to {ImportReceipt.MostChanges}.");
        }

        if (changes.Select((change, place) => (Fault: FaultOf(change), Place: place)).FirstOrDefault(one => one.Fault is not null) is { Fault: { } fault, Place: var place })
        {
            return Refused(HistoryOutcome.Unfit, $"Interaction {place + 1}: {fault}");
        }

        var hasRatings = changes[0].Rating is not null;
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

        return await StoreAsync(federation, changes, hosted.LastRun);
    }

    /// <summary>Takes one change in.</summary>
    public async Task<HistoryReceipt> RecordAsync(string federation, HistoryChange change)
    {
        if (change.Kind == HistoryChangeKind.Added)
        {
            var receipt = await ImportAsync(federation, [change with { Time = change.Time ?? time.GetUtcNow().ToUnixTimeMilliseconds() }]);
            return new HistoryReceipt(receipt.Outcome, receipt.Message.Replace("Interaction 1: ", "", StringComparison.Ordinal));
        }

        if (FaultOf(change with { Time = change.Time ?? 0 }) is { } fault)
        {
            return new HistoryReceipt(HistoryOutcome.Unfit, fault);
        }

        var user = grains.GetGrain<IUserGrain>(GrainKeys.User(federation, (await keys.GetAsync(federation)).Of(change.User)));
        if (!await user.AskAsync(run: 0))
        {
            return new HistoryReceipt(HistoryOutcome.UnknownUser, $"There is no user '{change.User}'.");
        }

        if (!await catalogues.KnowsAsync(federation, change.Item!))
        {
            return new HistoryReceipt(HistoryOutcome.UnknownItem, $"There is no item '{change.Item}' in the catalogue.");
        }

        var lastRun = (await grains.GetGrain<IFederationGrain>(federation).GetSummaryAsync()).Runs.Length;
        return await user.RecordManyAsync([change with { Time = change.Time ?? time.GetUtcNow().ToUnixTimeMilliseconds() }], lastRun, CancellationToken.None) is not null
            ? new HistoryReceipt(HistoryOutcome.Recorded, Recorded)
            : Forgotten(change.User);
    }

    /// <summary>What is said of a change that is durable.</summary>
    public const string Recorded = "Recorded. Recommendations follow at once, training from the next run on.";

    /// <summary>What is said of a change of somebody who is out.</summary>
    public static HistoryReceipt Forgotten(string user) => new(HistoryOutcome.UserForgotten, $"User '{user}' was forgotten, and nothing is recorded of a forgotten user.");

    private async Task<ImportReceipt> StoreAsync(string federation, ImmutableArray<HistoryChange> changes, int lastRun)
    {
        await catalogues.AddAsync(federation, changes.Select(change => change.Item!));
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
                if (amount is { SizeChanged: true })
                {
                    sizes.Add(new ClientSize(number, amount.SizeClass));
                }
            }
        }

        var registry = grains.GetGrain<IRegistryGrain>(federation);
        if (sizes.Count > 0)
        {
            await registry.NoteSizesAsync(sizes.ToImmutable(), CancellationToken.None);
        }

        return users.Length == 1 && isOut is not null
            ? Refused(HistoryOutcome.UserForgotten, Forgotten(isOut).Message)
            : new ImportReceipt(HistoryOutcome.Recorded, isOut is null ? Recorded : $"{Recorded} What is of forgotten users was left out, such as '{isOut}'.",
                recorded, await registry.CountAsync(), await grains.GetGrain<ICatalogueGrain>(federation).CountAsync());
    }

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
