using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Native;
using FedRec.Core.Privacy;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Federation;

/// <summary>How a run trains its learner.</summary>
/// <param name="Way">The way of the updates to the server.</param>
/// <param name="Weighting">What a client counts in the mean; the sizes of the clients are taken into account by the algorithm.</param>
/// <param name="OptimizerOf">The server optimizer of a round, from 1.</param>
/// <param name="Seed">Seed of every draw.</param>
public sealed record FederatedOptions(UpdateWay Way, ClientWeighting Weighting, Func<int, IServerOptimizer> OptimizerOf, ulong Seed)
{
    /// <summary>Who is asked, and how many have to answer. Default: everybody.</summary>
    public CohortOptions Cohort { get; init; } = CohortOptions.Everybody;

    /// <summary>Largest share of all weights that one client may have; 0 for no limit. Default: 0.</summary>
    public double MaxShare { get; init; }

    /// <summary>Numbers of the clients that take part, ascending; empty for all. Default: empty.</summary>
    public ImmutableArray<int> Among { get; init; } = [];

    /// <summary>When an update counts in rounds of a cohort; rounds of everybody are synchronous. Default: federated averaging, round by round.</summary>
    public IRoundRules Rules { get; init; } = SynchronousRules.Instance;

    /// <summary>How the models of the run keep its clients' part in them to themselves, made where a round is planned or concluded; null where they do not. Default: null.</summary>
    public Lazy<CentralPrivacy>? Privacy { get; init; }

    /// <summary>How the clients hide their updates themselves, made where one is sent or a round is concluded; null where they do not. Default: null.</summary>
    public Lazy<ClientNoise>? Noise { get; init; }
}

/// <summary>What a run computes, as functions of its state: where it begins, what its next round is, what a client sends, and what a closed round leads to.</summary>
/// <remarks>No clock, no network, no storage, and nothing that changes: equal arguments give equal bytes, whoever drives it. The run grain and
/// <see cref="InProcessFederation"/> do. The shape is that of FedJAX (Ro et al. 2021, arXiv:2108.02117): state in, state out.</remarks>
public sealed class FederatedAlgorithm
{
    private readonly FederatedOptions _options;
    private readonly int _clients;
    private readonly IReadOnlyList<int> _sizes;
    private readonly ClientWeighting _weighting;

    /// <summary>An algorithm for some clients.</summary>
    /// <param name="learner">What is trained.</param>
    /// <param name="options">How.</param>
    /// <param name="clients">Number of clients, at least 1.</param>
    /// <param name="sizes">Training interactions of each client. Without a limit on shares, those that are told suffice, the largest among them.</param>
    /// <exception cref="ArgumentException">The limit on shares cannot be kept by so few clients.</exception>
    public FederatedAlgorithm(ILearner learner, FederatedOptions options, int clients, IReadOnlyList<int> sizes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clients, 1);
        (Learner, _options, _clients, _sizes) = (learner, options, options.Among.IsEmpty ? clients : options.Among.Length, sizes);
        IReadOnlyList<int> own = options.Among.IsEmpty || options.MaxShare == 0 ? sizes : [.. options.Among.Select(client => sizes[client])];
        _weighting = options.Weighting.For(own);
        if (options.MaxShare > 0)
        {
            // A share can be promised of sizes that are known before a round, and not of what a client says it trained on.
            var cap = ShareLimit.Cap([.. own.Select(_weighting.Clamped)], options.MaxShare);
            _weighting = _weighting with { Cap = _weighting.Cap > 0 ? Math.Min(_weighting.Cap, cap) : cap };
        }
    }

    /// <summary>What is trained.</summary>
    public ILearner Learner { get; }

    /// <summary>The way of the updates to the server.</summary>
    public UpdateWay Way => _options.Way;

    /// <summary>How the models keep what is one client's to themselves; null where they do not.</summary>
    public CentralPrivacy? Privacy => _options.Privacy?.Value;

    /// <summary>How the clients hide their updates themselves; null where they do not.</summary>
    public ClientNoise? Noise => _options.Noise?.Value;

    /// <summary>Whether whoever adds the updates up sees their sum with the clients' noise only, and sees it as soon as the round has closed.</summary>
    public bool HidesUpdates => _options.Noise is not null;

    /// <summary>Where a run begins.</summary>
    /// <param name="version">Parameters of the version that it begins with; null for those that the learner begins with. Default: null.</param>
    public ServerState Init(ReadOnlyMemory<float>? version = null) => Learner.Begin(Learner.BeginWith(version ?? Learner.Initialize(_options.Seed)));

    /// <summary>Decides a round before any client is asked.</summary>
    /// <param name="state">The server's state before it.</param>
    /// <param name="round">The round, from 1.</param>
    /// <param name="baseVersion">What is durable of the run so far, for whoever goes on with the round after a crash. Default: 0.</param>
    /// <param name="asked">Whoever may count in it, where <see cref="IsAsynchronous"/>; otherwise a cohort is drawn, by secret coins where the run has <see cref="Privacy"/>. Default: none.</param>
    public RoundPlan Plan(ServerState state, int round, long baseVersion = 0, ImmutableArray<AskedClient> asked = default)
    {
        var recipe = Learner.Recipe(state.Phase);
        var (length, cohort) = (recipe.Update.Length, CohortOf(recipe));
        var drawn = Privacy is null ? asked : [.. Drawn(recipe, round).DefaultIfEmpty().Select(place => new AskedClient(_options.Among.IsEmpty ? place : _options.Among[place], round, baseVersion))];
        var plan = drawn.IsDefaultOrEmpty
            ? RoundPlan.Draw(round, baseVersion, _clients, cohort, _options.Seed, length, _options.Among)
            : RoundPlan.Of(round, baseVersion, drawn, cohort, _options.Rules, length);
        return plan with { Scale = ScaleOf(recipe), Aggregator = Way.Aggregator, Rules = SecureRules.For(Way.Aggregator, plan.Rules) };
    }

    /// <summary>Who is asked in a round.</summary>
    public CohortOptions CohortOf(RoundRecipe recipe) => recipe.Who == Participation.Everybody ? _options.Cohort with { Size = 0, ReportGoal = 0 }
        : IsAsynchronous(recipe) ? BufferedRules.Complete(_options.Cohort, _clients) : _options.Cohort;

    /// <summary>Whether nobody waits for anybody in a round, so that its clients were asked at different times.</summary>
    public bool IsAsynchronous(RoundRecipe recipe) => _options.Rules is BufferedRules && recipe.Who == Participation.Cohort;

    /// <summary>The rounds of an asynchronous run in virtual time.</summary>
    /// <param name="recipe">A round that <see cref="IsAsynchronous"/>.</param>
    /// <param name="faults">How long clients take, and who drops out.</param>
    /// <param name="first">The first such round, from 1.</param>
    public BufferedSchedule Schedule(RoundRecipe recipe, SimulatedFaults faults, int first) =>
        new(_clients, CohortOf(recipe), faults, ((BufferedRules)_options.Rules).MaxStaleness, _options.Seed, first);

    /// <summary>An aggregate of nobody.</summary>
    /// <param name="recipe">What the round is.</param>
    public IPartial Empty(RoundRecipe recipe) => Way.Aggregator.Empty(recipe.Update.Length, ScaleOf(recipe));

    /// <summary>A sum for what one client sends, or for what a closed round comes to: open, where clients mask it afterwards.</summary>
    /// <param name="recipe">What the round is.</param>
    public IPartial EmptyOpened(RoundRecipe recipe) => Way.Aggregator.Opened.Empty(recipe.Update.Length, ScaleOf(recipe));

    /// <summary>What masked vectors of a round are.</summary>
    /// <param name="recipe">What the round is.</param>
    public VectorPlan VectorOf(RoundRecipe recipe) => ScaleOf(recipe) is var scale && recipe.Weights == WeightRule.One
        ? new VectorPlan(recipe.Update.Length, scale, MostWeight: 1, scale.Limit) : new VectorPlan(recipe.Update.Length, scale, _weighting.MostWeight, scale.Limit);

    /// <summary>What a client is to train on.</summary>
    /// <param name="round">The round.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="data">Its data.</param>
    /// <param name="kept">What it keeps, as <see cref="KeptStates"/> says. Default: nothing.</param>
    /// <param name="counted">What the version that the run begins with has counted of it already, where that is something else; otherwise null.</param>
    public LocalTask TaskOf(int round, int client, ClientData data, ReadOnlyMemory<byte> kept = default, ClientData? counted = null) =>
        new(data, DrawsOf(round, client), KeptParts(kept).Learner, counted);

    /// <summary>Whether clients keep something from round to round: what the learner does, or a step.</summary>
    public bool KeepsState => Way.Steps.KeepsState || Learner.Recipe(LearningPhase.Training).KeepsState;

    /// <summary>What a client sends of what it has trained: weighted, and through all steps.</summary>
    /// <param name="recipe">What the round is.</param>
    /// <param name="round">The round.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="result">What it reports.</param>
    /// <param name="values">What it has trained; changed in place.</param>
    /// <param name="kept">What it keeps, as for its task. Default: nothing.</param>
    /// <param name="session">Hash of the try of the round in which its update is masked. Default: empty, where it is not.</param>
    /// <returns>What it sends, what the steps have done to it, and what it keeps if the round counts it.</returns>
    /// <exception cref="ArithmeticException">Where clients hide their updates: what was trained is not finite, or larger than one client may add.</exception>
    public (ClientUpdate Update, UpdateOutcome Outcome, ReadOnlyMemory<byte> Kept) Send(RoundRecipe recipe, int round, int client, LocalResult result, UpdateBuffer values, ReadOnlyMemory<byte> kept = default, ReadOnlyMemory<byte> session = default)
    {
        var memory = Way.Steps.KeepsState ? new StepMemory(KeptParts(kept).Steps) : null;
        var update = new ClientUpdate(values, recipe.Weights == WeightRule.One ? 1 : WeightOf(client, result), result.Loss, result.Examples);
        var outcome = Way.Steps.Apply(ref update, new UpdateContext(recipe.Update, DrawsOf(round, client)) { Memory = memory });
        if (Noise is { } noise)
        {
            (update, outcome) = (Hidden(noise, recipe, round, client, values, session.Span), outcome & ~UpdateOutcome.Clipped); // how long it was is told by nothing
        }

        return (update, outcome, memory is null ? result.State : Joined(result.State, memory.Kept));
    }

    /// <summary>Whether a client could have sent a sum, by the steps and with the weight of the run: for one that arrives added up, and says itself what it weighs.</summary>
    /// <param name="recipe">What the round is.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="sum">What arrived.</param>
    public bool IsOfOne(RoundRecipe recipe, int client, IPartial sum) =>
        sum.IsOfOne(ScaleOf(recipe), MostWeightOf(recipe, client, (int)sum.Totals.Examples)) && (Privacy is not { } privacy || privacy.Hides(sum.Totals)) && (Noise is not { IsLocal: true } noise || Way.IsMasked || noise.CouldSend(sum.Totals, recipe.Noise));

    /// <summary>What a closed round leads to.</summary>
    /// <param name="state">The server's state before it; not changed.</param>
    /// <param name="round">The round, from 1.</param>
    /// <param name="aggregate">What the counted clients have sent; at least one client.</param>
    /// <returns>The state after it, which may not be finite: <see cref="ServerState.FirstNotFinite()"/>.</returns>
    public ServerState Apply(ServerState state, int round, IAggregate aggregate)
    {
        var recipe = Learner.Recipe(state.Phase);
        var released = Privacy is { } privacy ? privacy.Release(Counted(recipe, round, aggregate), Expected(recipe), round, recipe.Noise)
            : Noise is { } noise ? noise.Released(aggregate.Sum, Expected(recipe), Fewest(recipe), recipe.Noise) : aggregate;
        return ServerStep.Take(Learner, _options.OptimizerOf(round), state, released);
    }

    /// <summary>What names the release of a private round, for whoever accounts for it before <see cref="Apply"/>.</summary>
    /// <param name="recipe">What the round is.</param>
    /// <param name="round">The round, from 1.</param>
    /// <param name="aggregate">As for <see cref="Apply"/>.</param>
    /// <exception cref="InvalidOperationException">The run is not private.</exception>
    public string NameOfRelease(RoundRecipe recipe, int round, IAggregate aggregate) =>
        (Privacy ?? throw new InvalidOperationException("The run is not private.")).NameOf(Counted(recipe, round, aggregate), round);

    /// <summary>Clients that a private round expects.</summary>
    /// <param name="recipe">What the round is.</param>
    public int Expected(RoundRecipe recipe) => CohortOf(recipe).SizeOf(_clients);

    /// <summary>Fewest clients that a round may count where they hide their updates themselves: its quorum, and where updates are masked as many as clients agree to be unmasked with; otherwise 0.</summary>
    /// <param name="recipe">What the round is.</param>
    public int Fewest(RoundRecipe recipe)
    {
        var (cohort, expected) = (CohortOf(recipe), Expected(recipe));
        var quorum = RoundPlan.QuorumOf(cohort, RoundPlan.GoalOf(cohort, expected));
        return !HidesUpdates ? 0 : Way.IsMasked ? Math.Max(quorum, NeighbourGraph.QuorumOf(expected)) : quorum;
    }

    /// <summary>Refuses noise of the clients that is none that can be accounted for, in any phase.</summary>
    /// <exception cref="ArgumentException">It is too large or too small for whole numbers; the message says what to change.</exception>
    public void ThrowUnlessHidden()
    {
        foreach (var recipe in Learner.Phases.Append(LearningPhase.Training).Select(Learner.Recipe))
        {
            Noise?.ThrowUnlessFits(ScaleOf(recipe), recipe.Update.Length, Fewest(recipe), recipe.Noise);
        }
    }

    // In whole numbers, so that no rounding comes after the noise.
    private ClientUpdate Hidden(ClientNoise noise, RoundRecipe recipe, int round, int client, UpdateBuffer values, ReadOnlySpan<byte> session)
    {
        var one = new FixedPointSum(recipe.Update.Length, ScaleOf(recipe));
        if (!one.TryAdd(values, weight: 1, loss: 0, examples: 0))
        {
            throw new ArithmeticException($"What was trained cannot be added: {one.FindFault(values, 1, 0)?.Kind.ToString() ?? "it is not finite"}.");
        }

        noise.Hide(one, client, round, Fewest(recipe), session, recipe.Noise);
        return new ClientUpdate(new UpdateBuffer(), Weight: 1, Loss: 0, Examples: 0) { Exact = MemoryMarshal.AsMemory(one.Encoded) };
    }

    private ImmutableArray<int> Drawn(RoundRecipe recipe, int round) => Privacy!.Draw(_clients, Expected(recipe), round);

    // Where the coins draw nobody somebody is asked all the same, as a round needs a client, and counts nothing: the release is noise alone.
    private FixedPointSum Counted(RoundRecipe recipe, int round, IAggregate aggregate) => Drawn(recipe, round).IsEmpty ? new FixedPointSum(aggregate.Sum.Values.Length, aggregate.Sum.Scale) : aggregate.Sum;

    // Where a step keeps something, it stands behind the learner's, whose length (4 bytes) stands first.
    private (ReadOnlyMemory<byte> Learner, ReadOnlyMemory<byte> Steps) KeptParts(ReadOnlyMemory<byte> kept)
    {
        if (!Way.Steps.KeepsState || kept.IsEmpty)
        {
            return (kept, default);
        }

        var end = sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(kept.Span);
        return (kept[sizeof(int)..end], kept[end..]);
    }

    private static byte[] Joined(ReadOnlyMemory<byte> learner, ReadOnlyMemory<byte> steps)
    {
        var kept = new byte[sizeof(int) + learner.Length + steps.Length];
        BinaryPrimitives.WriteInt32LittleEndian(kept, learner.Length);
        learner.CopyTo(kept.AsMemory(sizeof(int)));
        steps.CopyTo(kept.AsMemory(sizeof(int) + learner.Length));
        return kept;
    }

    // Room for each to count its whole weight; of clients that are drawn by coins, for all.
    private SumScale ScaleOf(RoundRecipe recipe) =>
        SumScale.For(checked((_options.Privacy is null ? CohortOf(recipe).SizeOf(_clients) : _clients) * (IsAsynchronous(recipe) ? _options.Rules.Unit : 1)), Learner.LargestUpdate);

    private SeededRandom DrawsOf(int round, int client) => SeedSequence.For(_options.Seed, round, client);

    private double MostWeightOf(RoundRecipe recipe, int client, int examples) => recipe.Weights == WeightRule.One ? 1 : WeightOf(client, new LocalResult(double.MaxValue, examples));

    private double WeightOf(int client, LocalResult result) => _weighting.WeightOf(_options.MaxShare > 0 ? result with { Examples = _sizes[client] } : result);
}

/// <summary>Takes the server from one state to the next.</summary>
public static class ServerStep
{
    /// <summary>Adds what is exact as it is, and has the optimizer step along every other direction.</summary>
    /// <param name="learner">Says what it means.</param>
    /// <param name="optimizer">The optimizer of the round.</param>
    /// <param name="state">The state before the round.</param>
    /// <param name="aggregate">What the clients sent; at least one client.</param>
    public static ServerState Take(ILearner learner, IServerOptimizer optimizer, ServerState state, IAggregate aggregate)
    {
        var delta = ModelMemory.RentZeros<float>(state.Parameters.Length);
        var next = Take(optimizer, state, delta, learner.Conclude(state, aggregate, delta));
        ModelMemory.Return(delta);
        return next;
    }

    /// <summary>Takes the step that a learner proposes.</summary>
    /// <param name="optimizer">The optimizer of the round.</param>
    /// <param name="state">The state before the round.</param>
    /// <param name="delta">P values.</param>
    /// <param name="proposal">What of the delta is exact, and the phase after it.</param>
    /// <exception cref="ArgumentException"><paramref name="delta"/> is not of length P.</exception>
    public static ServerState Take(IServerOptimizer optimizer, ServerState state, ReadOnlySpan<float> delta, StepProposal proposal)
    {
        if (proposal.Exact == delta.Length)
        {
            return state.Plus(delta) with { Phase = proposal.Next };
        }

        var next = optimizer.Apply(state, delta) with { Phase = proposal.Next };
        if (proposal.Exact == 0)
        {
            return next;
        }

        var (values, first) = (next.Parameters.ToArray(), delta.Length - proposal.Exact);
        TensorPrimitives.Add(state.Parameters.Span[first..], delta[first..], values.AsSpan(first));
        return next with { Parameters = values };
    }
}
