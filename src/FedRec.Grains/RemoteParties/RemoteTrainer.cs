using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Histories;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Aggregation;
using FedRec.Core.Catalogues;
using FedRec.Core.Data.Alignment;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Parties;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Parties;
using FedRec.Grains.Privacy;
using FedRec.Grains.Requests;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Microsoft.Extensions.Logging.Abstractions;

namespace FedRec.Grains.RemoteParties;

/// <summary>The party's side of training: the same learners on the same kind of history as a client whose data is with a silo. Needs no silo. Not thread-safe.</summary>
/// <remarks>What the party did is kept as an organisation keeps it (<see cref="OrganisationHistory"/>): the same rows give the same bytes, wherever they are.</remarks>
public sealed class RemoteTrainer : IDisposable
{
    /// <summary>Users of a party below which sums and counts over them would tell of single ones.</summary>
    public const int FewestUsersToEvaluate = 10;
    private readonly FederationParts _parts;
    private readonly OwnItems? _own;
    private readonly OrganisationHistory _history;
    private readonly SecretKey? _key;
    private (string Key, RunContext Context)? _run;

    /// <param name="parts">What orders can name.</param>
    /// <param name="changes">What the party's users did, in order, each with its time; what is repeated counts once.</param>
    /// <param name="matching">How the party's items are found in a catalogue; null by their ids, as they are.</param>
    /// <param name="titles">Titles of the party's items by id, as far as they have any; null for none.</param>
    /// <param name="key">From which the party draws noise of its own, known to nobody else; null where it takes no part in runs that want it. Default: null.</param>
    public RemoteTrainer(FederationParts parts, IEnumerable<HistoryChange> changes, ItemMatching? matching = null, IReadOnlyDictionary<string, string>? titles = null, SecretKey? key = null)
    {
        (_parts, _key) = (parts, key);
        _history = new OrganisationHistory([], ImmutableDictionary<string, ErasedChanges>.Empty);
        _history.AddNew(changes, lastRun: 0);
        _own = matching is null ? null : new OwnItems(matching, _history.Items.ToHashSet(StringComparer.Ordinal), titles ?? ImmutableDictionary<string, string>.Empty);
    }

    private RemoteTrainer(FederationParts parts, OrganisationHistory history, ReadyModel models, SecretKey? key) => (_parts, _history, Models, _key) = (parts, history, models, key);

    /// <summary>The same party with more that its users did since: as one that has read all of it. Of items that are found by their ids.</summary>
    /// <param name="changes">What came, in order.</param>
    /// <exception cref="InvalidOperationException">Items are found otherwise, so that it takes all titles.</exception>
    public RemoteTrainer With(IEnumerable<HistoryChange> changes)
    {
        if (!MatchesById)
        {
            throw new InvalidOperationException("Items of the party are not found by their ids; read all of its data again.");
        }

        var history = _history.Copy(); // whoever is being answered goes on with this one
        history.AddNew(changes, lastRun: 0);
        return new RemoteTrainer(_parts, history, Models, _key);
    }

    /// <summary>Makes models ready that are evaluated or served.</summary>
    internal ReadyModel Models { get; } = new();

    /// <summary>How much the party holds.</summary>
    public PartyReport Report => new(_history.Users, SizeClass.Of(_history.Count));

    /// <summary>Interactions, each once.</summary>
    public int Interactions => _history.Count;

    /// <summary>Items that were met.</summary>
    public int Items => _history.Items.Count();

    /// <summary>Ids of the party's users, in the order in which they came.</summary>
    public IEnumerable<string> Users => _history.UserIds;

    /// <summary>Whether the party has a user.</summary>
    public bool Knows(string user) => _history.Knows(user);

    /// <summary>SHA-256 of what the party's users did, in its order: with another one, the same round would come to other bytes.</summary>
    public string Fingerprint => _own is null ? _history.Fingerprint() : PartyStatements.Sha256(System.Text.Encoding.ASCII.GetBytes($"{_history.Fingerprint()} {ItemMatching.Fingerprint(_own.Keys)}"));

    /// <summary>Whether the party's items are found in a catalogue by their ids, as they are.</summary>
    public bool MatchesById => _own is null;

    /// <summary>Items of the party that a catalogue does not have: what was done with them is left out.</summary>
    /// <param name="catalogue">As it was fetched.</param>
    /// <exception cref="InvalidDataException">It is no catalogue.</exception>
    public IReadOnlyList<string> Unmatched(ReadOnlySpan<byte> catalogue)
    {
        var items = CatalogueOf(catalogue).Items;
        return [.. _history.Items.Where(item => !items.TryGet(item, out _))];
    }

    /// <summary>The order with the hash of the configuration worked out here.</summary>
    /// <exception cref="ArgumentException">Request or source are not what the order's hash says, or a party cannot take part in such a run.</exception>
    public static PartyOrder Checked(PartyOrder order)
    {
        if (order.Source.Hosted is null || RunRequests.Hash(order.Request, order.Source) is var hash && hash != order.ConfigSha256)
        {
            throw new ArgumentException($"The order of round {order.Update.Round} of {order.Update.Run} has other settings than its hash says; nothing was trained.");
        }

        return order;
    }

    /// <summary>Trains for a round.</summary>
    /// <param name="order">The order, checked.</param>
    /// <param name="catalogue">The catalogue that it names.</param>
    /// <param name="model">The base parameters that it names: little-endian float32.</param>
    /// <returns>The update as it is sent.</returns>
    /// <exception cref="ArgumentException">The order cannot be followed.</exception>
    /// <exception cref="InvalidDataException">Catalogue or parameters are not what the order says.</exception>
    /// <exception cref="ArithmeticException">What was trained is not finite, or too large to be added.</exception>
    public byte[] Train(PartyOrder order, ReadOnlySpan<byte> catalogue, ReadOnlySpan<byte> model) => Train(order, catalogue, model, default, (sum, isClipped) => RemoteUpdate.Write(sum, isClipped));

    /// <summary>Trains for a round, and masks what comes of it.</summary>
    /// <inheritdoc cref="Train(PartyOrder, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    /// <param name="order">As above.</param>
    /// <param name="catalogue">As above.</param>
    /// <param name="model">As above.</param>
    /// <param name="round">The party's side of the round.</param>
    public byte[] Train(PartyOrder order, ReadOnlySpan<byte> catalogue, ReadOnlySpan<byte> model, RemoteSecureRound round) =>
        Train(order, catalogue, model, round.Digest, (sum, _) => round.Mask(order.Secure!.Message, (FixedPointSum)sum));

    private byte[] Train(PartyOrder order, ReadOnlySpan<byte> catalogue, ReadOnlySpan<byte> model, ReadOnlyMemory<byte> session, Func<IPartial, bool, byte[]> write)
    {
        if (order.Request.Privacy is { Noise: { } noise } && _key is null)
        {
            throw new ArgumentException($"The run wants the party's own noise (dp {noise}), and this party has no key to draw it from; nothing was trained.");
        }

        var run = Open(order, catalogue, out var holdings);
        run.Algorithm.ThrowUnlessHidden();
        if (run.Algorithm.Way.IsMasked == order.Secure is null)
        {
            throw new ArgumentException($"Aggregator {run.Request.Rounds.Aggregator} {(order.Secure is null ? "wants" : "takes no")} masked updates, and the order asks for {(order.Secure is null ? "one as it is" : "such a one")}; nothing was trained.");
        }

        RemoteRules.ThrowUnlessPossible(run);
        var prepared = Prepare(run, order, model);
        using var kernels = run.Kernels(0);
        kernels.Buffer.Clear();
        var recipe = run.Learner.Recipe(prepared.Phase);
        var task = run.Algorithm.TaskOf(order.Update.Round, order.Client, holdings.Train());
        var (update, outcome, _) = run.Algorithm.Send(recipe, order.Update.Round, order.Client, kernels.Worker.Train(prepared, task, kernels.Buffer), kernels.Buffer, session: session);
        var sum = run.Algorithm.EmptyOpened(recipe);
        return sum.TryAdd(order.Client, update) ? write(sum, outcome.HasFlag(UpdateOutcome.Clipped))
            : throw new ArithmeticException($"What was trained cannot be added: {sum.FindFault(update)?.Kind.ToString() ?? "it is not finite"}.");
    }

    /// <summary>What the party takes part in: a round of secure aggregation as it works it out from the order, the catalogue and the model that it has.</summary>
    /// <param name="order">The order of the first step, checked.</param>
    /// <param name="catalogue">As above.</param>
    /// <param name="model">As above.</param>
    /// <exception cref="InvalidDataException">The coordinator says something else.</exception>
    /// <returns>The round, and the fewest clients with which the party's update is unmasked.</returns>
    internal (SecureRound Round, int Fewest) OpenSecure(PartyOrder order, ReadOnlySpan<byte> catalogue, ReadOnlySpan<byte> model)
    {
        using var run = ContextOf(_parts, order, CatalogueContent.Read(catalogue).ToCatalogue(), new OwnParty(default)); // of the catalogue in everybody's words
        var prepared = Prepare(run, order, model);
        return run.Algorithm.Way.IsMasked ? (SecureRounds.Read(run, order.Update.Round, prepared, order.Secure!.Description.Span), run.Algorithm.Fewest(run.Learner.Recipe(prepared.Phase)))
            : throw new InvalidDataException($"The coordinator asks for a step of secure aggregation in a run with aggregator {order.Request.Rounds.Aggregator}, which masks nothing.");
    }

    /// <summary>Ranks what is held out of the party's users.</summary>
    /// <param name="order">The order, checked.</param>
    /// <param name="catalogue">As above.</param>
    /// <param name="model">As above.</param>
    /// <returns>Sums over the party's users; empty where these are so few that sums would tell of single ones.</returns>
    /// <exception cref="ArgumentException">The order cannot be followed.</exception>
    /// <exception cref="InvalidDataException">Catalogue or parameters are not what the order says.</exception>
    public async Task<byte[]> EvaluateAsync(PartyOrder order, ReadOnlyMemory<byte> catalogue, ReadOnlyMemory<byte> model)
    {
        var asked = order.Evaluation ?? throw new ArgumentException("The order is for training.", nameof(order));
        if (_history.Users < FewestUsersToEvaluate)
        {
            return [];
        }

        var run = Open(order, catalogue.Span, out var holdings);
        var prepared = Models.Get(run, order, model.Span);
        if (prepared.Derived is { IsReady: false } weights)
        {
            await weights.DeriveAsync();
        }

        var plan = new EvaluationPlan(new EvaluateOrder(asked.Id, new ModelReference(run.RunKey, order.Update.Round, 0), asked.Cutoffs, asked.OnValidation) { Sampled = asked.Sampled }, run);
        var slot = new MetricSlot(plan, new ModelScorers(run, prepared, asked.Shared));
        slot.Evaluate(order.Client, holdings);
        return slot.Sums.ToBytes();
    }

    /// <summary>A catalogue in the party's own words: with its ids where it has the item, and so in the same order.</summary>
    /// <exception cref="InvalidDataException">It is no catalogue.</exception>
    internal FederationCatalogue CatalogueOf(ReadOnlySpan<byte> catalogue) => CatalogueContent.Read(catalogue).ToCatalogue() is var content && _own is null ? content : _own.Rename(content);

    /// <summary>All that a user did; what is not in the catalogue is left out. May be asked while the party trains.</summary>
    internal IReadOnlyList<PartyEvent> EventsOf(string user, FederationCatalogue catalogue) => _history.EventsOf(user, catalogue);

    /// <inheritdoc/>
    public void Dispose() => _run?.Context.Dispose();

    private RunContext Open(PartyOrder order, ReadOnlySpan<byte> catalogue, out PartyHoldings holdings)
    {
        var key = $"{GrainKeys.Run(order.Request.Federation, order.Update.Run)} {order.ConfigSha256} {order.CatalogueSha256}";
        if (_run is not { } open || open.Key != key)
        {
            var content = CatalogueOf(catalogue);
            var own = new OwnParty(PartyLog.Split(content, _history.EventsAsOf(content, int.MaxValue), order.Source.Hosted!.HasRatings, order.Source.HoldOutValidation));
            var context = ContextOf(_parts, order, content, own, _key);
            _run?.Context.Dispose();
            _run = open = (key, context);
        }

        holdings = ((OwnParty)open.Context.Parties).Holdings;
        return open.Context;
    }

    /// <summary>The run of an order, as a silo would know it.</summary>
    internal static RunContext ContextOf(FederationParts parts, PartyOrder order, FederationCatalogue catalogue, IPartyData own, SecretKey? key = null)
    {
        var definition = HostedRuns.Define(GrainKeys.RunNumber(order.Update.Run), order.Request, order.Source, catalogue, own);
        var learner = RunContext.LearnerOf(parts, order.Request, definition.Shape);
        return new RunContext(GrainKeys.Run(order.Request.Federation, order.Update.Run), definition, learner, parts, key is null ? SiloSecret.None : new SiloSecret(() => key), NullLogger.Instance);
    }

    /// <summary>The model of an order.</summary>
    /// <exception cref="InvalidDataException">It is not of this length.</exception>
    internal static PreparedModel Prepare(RunContext run, PartyOrder order, ReadOnlySpan<byte> model)
    {
        var values = MemoryMarshal.Cast<byte, float>(model).ToArray();
        return values.Length == run.Learner.Parameters.Length ? run.Learner.Prepare(values, LearningPhase.Parse(order.Phase))
            : throw new InvalidDataException($"The model has {values.Length} parameters, and the learner {run.Learner.Name} on this catalogue {run.Learner.Parameters.Length}.");
    }

    // Made once: hashing all titles takes time.
    private sealed class OwnItems(ItemMatching matching, HashSet<string> ids, IReadOnlyDictionary<string, string> titles)
    {
        public IReadOnlyDictionary<string, string> Keys { get; } = matching.KeysOf(ids, titles);

        public FederationCatalogue Rename(FederationCatalogue catalogue)
        {
            var (items, entries) = matching.Rename(Keys, ids, titles, catalogue.Items, catalogue.Entries);
            return FederationCatalogue.Of(items, entries);
        }
    }

    private sealed class OwnParty(PartyHoldings holdings) : IPartyData
    {
        public PartyHoldings Holdings => holdings;

        public ValueTask<PartyHoldings> OpenAsync(int client, CancellationToken cancellationToken) => ValueTask.FromResult(holdings);
    }
}
