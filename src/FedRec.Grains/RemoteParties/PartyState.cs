using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Grains.RemoteParties;

/// <summary>What is stored of a party: who it is, what it was asked last, and what became of what it sent.</summary>
[GenerateSerializer, Alias("fedrec.state.party")]
internal sealed record PartyState
{
    /// <summary>Name of the stored state.</summary>
    public const string Name = "party";

    /// <summary>Receipts that are kept. A party sends one update at a time, and again until it hears of it, so that one would do; the others are for who looks at what was counted.
    /// What was sent before them is refused as not asked, and counted no second time.</summary>
    public const int MostReceipts = 16;

    /// <summary>What it was invited to; null when nobody was.</summary>
    [Id(0)] public PartyInvitation? Invitation { get; init; }

    /// <summary>What it may do.</summary>
    [Id(1)] public PartyStanding Standing { get; init; }

    /// <summary>Its public key; empty before it has joined.</summary>
    [Id(2)] public ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>Its number as a client; null before it was approved.</summary>
    [Id(3)] public int? Client { get; init; }

    /// <summary>How much it holds; null before it has said so.</summary>
    [Id(4)] public PartyReport? Report { get; init; }

    /// <summary>What it was asked to train last; null for nothing yet.</summary>
    [Id(5)] public PartyTraining? Training { get; init; }

    /// <summary>What became of its last updates, the newest last.</summary>
    [Id(6)] public ImmutableArray<PartyReceipt> Receipts { get; init; } = [];

    /// <summary>Rounds that have counted an update of it.</summary>
    [Id(7)] public long Counted { get; init; }

    /// <summary>What could not be counted.</summary>
    [Id(8)] public long Refused { get; init; }

    /// <summary>Bytes of the updates that it has sent.</summary>
    [Id(9)] public long BytesUp { get; init; }

    /// <summary>When it was last heard of, as of the last write.</summary>
    [Id(10)] public DateTimeOffset? LastSeen { get; init; }

    /// <summary>SHA-256 of the parameters that it fetched last, as of the last write; empty for none.</summary>
    [Id(11)] public string HeldModel { get; init; } = "";

    /// <summary>The key before the last change; empty for none.</summary>
    [Id(12)] public ReadOnlyMemory<byte> EarlierKey { get; init; }

    /// <summary>When the key was changed last; null for never.</summary>
    [Id(13)] public DateTimeOffset? KeyChanged { get; init; }

    /// <summary>Where the coordinator is now; null for where the invitation says.</summary>
    [Id(14)] public PartyMove? Moved { get; init; }

    /// <summary>Why it would not do what it was asked, the last times; the newest last.</summary>
    [Id(15)] public ImmutableArray<PartyRefusal> Refusals { get; init; } = [];

    /// <summary>What came in its name and was not taken, by reason, as of the last write.</summary>
    [Id(31)] public ImmutableArray<PartyRejection> Rejections { get; init; } = [];

    /// <summary>The same, of states that were stored before there were any, too.</summary>
    internal ImmutableArray<PartyRefusal> KeptRefusals => Refusals.IsDefault ? [] : Refusals;

    /// <summary>What it has done for its last runs, the newest last.</summary>
    [Id(30)] public ImmutableArray<PartyRun> Runs { get; init; } = [];

    /// <summary>The update that was offered to its round last, while it is not known whether it was counted; null for none.</summary>
    [Id(32)] public SignedUpdate? Unsettled { get; init; }

    /// <summary>Pages of <see cref="PartySignaturePages"/> that are full and stored beside it.</summary>
    [Id(33)] public int SignedPages { get; init; }

    /// <summary>What it has signed after those pages, the newest last.</summary>
    [Id(34)] public ImmutableArray<SignedUpdate> Signed { get; init; } = [];

    /// <summary>The receipt of an update; null when there is none.</summary>
    public PartyReceipt? ReceiptOf(PartyUpdateId update) => Receipts.LastOrDefault(receipt => receipt.Update == update);

    /// <summary>The state with a receipt, in the place of an earlier one of the same update.</summary>
    /// <remarks>A round that a coordinator had not stored when it ended is done again, and counts another update of the party then; the one before is in no model.</remarks>
    public PartyState With(PartyReceipt receipt)
    {
        var counts = receipt.Outcome == PartyOutcome.Counted
            && !Receipts.Any(other => other.Outcome == PartyOutcome.Counted && other.Update.Run == receipt.Update.Run && other.Update.Round == receipt.Update.Round);
        return this with
        {
            Receipts = [.. Receipts.Where(other => other.Update != receipt.Update).Append(receipt).TakeLast(MostReceipts)],
            Counted = Counted + (counts ? 1 : 0),
            Refused = Refused + (receipt.Outcome is PartyOutcome.Rejected or PartyOutcome.Stale ? 1 : 0),
            Runs = PartyRun.With(Runs, receipt, counts),
            BytesUp = BytesUp + (receipt.Outcome == PartyOutcome.Offered ? 0 : receipt.Bytes),
        };
    }

    /// <summary>The training that an order of a round is, once more where the party has answered the last attempt.</summary>
    public PartyTraining Next(TrainOrder order, int client)
    {
        var run = GrainKeys.RunId(order.RunKey);
        if (Training is { } last && last.Order == order && ReceiptOf(last.Update) is null)
        {
            return last;
        }

        var attempts = Receipts.Select(receipt => receipt.Update).Append(Training?.Update).OfType<PartyUpdateId>()
            .Where(update => update.Run == run && update.Round == order.Round).Select(update => update.Attempt);
        return new PartyTraining(order, new PartyUpdateId(run, order.Round, attempts.DefaultIfEmpty(0).Max() + 1), client);
    }
}

/// <summary>A training that a party was asked for.</summary>
/// <param name="Order">As its round asks.</param>
/// <param name="Update">As the party is asked.</param>
/// <param name="Client">Number of the client.</param>
[GenerateSerializer, Immutable, Alias("fedrec.state.party-training")]
internal sealed record PartyTraining(
    [property: Id(0)] TrainOrder Order,
    [property: Id(1)] PartyUpdateId Update,
    [property: Id(2)] int Client);

/// <summary>The parties of a federation as they are stored.</summary>
[GenerateSerializer, Alias("fedrec.state.parties")]
internal sealed record PartiesState
{
    /// <summary>Name of the stored state.</summary>
    public const string Name = "parties";

    /// <summary>Id of the coordinator of this federation, made once; empty before the first invitation.</summary>
    [Id(0)] public string Server { get; init; } = "";

    /// <summary>Names of the parties, in the order in which they were invited.</summary>
    [Id(1)] public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>Private key by which notices of the coordinator are known in this federation (P-256, PKCS #8), made once; empty before the first invitation.</summary>
    [Id(2)] public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The last notice that the coordinator has moved; null for none.</summary>
    [Id(3)] public PartyMove? Moved { get; init; }
}
