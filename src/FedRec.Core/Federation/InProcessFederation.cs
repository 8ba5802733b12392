using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Privacy;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Updates;

namespace FedRec.Core.Federation;

/// <summary>Drives a federation in a loop on one thread: what a cluster does, without one.</summary>
/// <remarks>The same <see cref="FederatedAlgorithm"/> and <see cref="Round"/> that the grains drive, so the same bytes. For tests, and for what is no federation
/// but is compared with one: a party that trains alone, and pooled training.</remarks>
/// <param name="learner">What is trained.</param>
/// <param name="optimizerOf">The server optimizer of a round, from 1.</param>
/// <param name="weighting">How clients are weighted; their sizes are taken into account here.</param>
public sealed class InProcessFederation(ILearner learner, Func<int, IServerOptimizer> optimizerOf, ClientWeighting weighting)
{
    /// <summary>What makes one thing of the updates. Default: the mean.</summary>
    public IAggregator Aggregator { get; init; } = MeanAggregator.Instance;

    /// <summary>What each update goes through first. Default: nothing.</summary>
    public UpdatePipeline Steps { get; init; } = UpdatePipeline.Empty;

    /// <summary>Who is asked, and how many have to answer. Default: everybody.</summary>
    public CohortOptions Cohort { get; init; } = CohortOptions.Everybody;

    /// <summary>Largest share of all weights that one client may have; 0 for no limit. Default: 0.</summary>
    public double MaxShare { get; init; }

    /// <summary>Who drops out and who comes too late. Default: nobody.</summary>
    public SimulatedFaults Faults { get; init; } = new(0, 0);

    /// <summary>When an update counts. Default: federated averaging, round by round.</summary>
    public IRoundRules Rules { get; init; } = SynchronousRules.Instance;

    /// <summary>How the models keep the clients' part in them to themselves; null where they do not. Default: null.</summary>
    public Lazy<CentralPrivacy>? Privacy { get; init; }

    /// <summary>How the clients hide their updates themselves; null where they do not. Default: null.</summary>
    public Lazy<ClientNoise>? Noise { get; init; }

    /// <summary>What clients send in place of what they would: to measure what wrong clients can do. Nobody's update steps bind it. Default: null, where all send what they have trained.</summary>
    public Func<HonestUpdate, ClientUpdate>? Sends { get; init; }

    /// <summary>Who looks at what the server gets. Default: null, nobody.</summary>
    public IServerView? View { get; init; }

    /// <summary>Trains from version 0, until the rounds are done or everything is counted.</summary>
    /// <param name="clients">At least one.</param>
    /// <param name="rounds">Rounds, at least 1; those that are abandoned count.</param>
    /// <param name="seed">Seed of every draw.</param>
    /// <param name="start">Parameters of version 0; null for those the learner begins with. Default: null.</param>
    /// <returns>The parameters after the last round.</returns>
    /// <exception cref="ArithmeticException">A round was abandoned as updates were not finite or out of range, or it led to a model that is not finite.</exception>
    public ReadOnlyMemory<float> Train(IReadOnlyList<ClientData> clients, int rounds, ulong seed, ReadOnlyMemory<float>? start = null)
    {
        var options = new FederatedOptions(new UpdateWay(Steps, Aggregator.WithLayout(learner.Recipe(LearningPhase.Training).Update)), weighting, optimizerOf, seed) { Cohort = Cohort, MaxShare = MaxShare, Rules = Rules, Privacy = Privacy, Noise = Noise };
        var algorithm = new FederatedAlgorithm(learner, options, clients.Count, [.. clients.Select(client => client.InteractionCount)]);
        var (state, kept) = (algorithm.Init(start), new ReadOnlyMemory<byte>[clients.Count]);
        var (models, schedule) = (new Dictionary<int, PreparedModel>(), default(BufferedSchedule)); // the model before each round, as long as someone trains from it
        using var worker = learner.CreateWorker();
        for (var number = 1; number <= rounds && !(number > 1 && learner.IsComplete(state.Phase)); number++)
        {
            var recipe = learner.Recipe(state.Phase);
            schedule ??= algorithm.IsAsynchronous(recipe) ? algorithm.Schedule(recipe, Faults, number) : null;
            models[number] = learner.Prepare(state.Parameters, state.Phase);
            var round = new Round(algorithm.Plan(state, number, asked: schedule?.Next().Asked ?? []));
            round.Open();
            Faults.Apply(seed, round);
            using var exchange = Exchange(algorithm, recipe, round);
            var (proposed, fault) = Collect(algorithm, worker, recipe, models, round, clients, kept, exchange);
            foreach (var done in models.Keys.Except(schedule?.InTraining ?? []).ToArray())
            {
                models.Remove(done);
            }

            if (round.Phase == RoundPhase.Aggregating)
            {
                View?.Closed(number, [.. round.Clients(ClientState.Counted)], recipe.Update, round.Partial.Close());
                state = Step(algorithm, state, round);
                Settle(round, proposed, kept);
            }
            else if (fault is not null)
            {
                throw new ArithmeticException($"{fault}; lower the learning rate.");
            }
        }

        return learner.ToVersion(state.Parameters, state.Phase);
    }

    // Whoever comes when enough have come is late, so clients are trained until the report goal is met. There is a sum for each model that they begin with.
    private (Dictionary<int, ReadOnlyMemory<byte>> Proposed, string? Fault) Collect(
        FederatedAlgorithm algorithm, ILearnerWorker worker, RoundRecipe recipe, Dictionary<int, PreparedModel> models, Round round, IReadOnlyList<ClientData> clients, ReadOnlyMemory<byte>[] kept,
        SecureExchange? exchange)
    {
        var (plan, buffer, sums) = (round.Plan, new UpdateBuffer(), new SortedDictionary<int, (IPartial Sum, List<int> Clients)>());
        var proposed = new Dictionary<int, ReadOnlyMemory<byte>>();
        string? fault = null;
        foreach (var (client, number) in Outstanding(round))
        {
            if (proposed.Count == plan.ReportGoal)
            {
                break;
            }

            if (!sums.TryGetValue(number, out var like))
            {
                sums.Add(number, like = (algorithm.Empty(recipe), []));
            }

            buffer.Clear();
            var result = worker.Train(models[number], algorithm.TaskOf(number, client, clients[client], kept[client]), buffer);
            var (update, _, after) = algorithm.Send(recipe, number, client, result, buffer, kept[client], exchange?.Session ?? default);
            update = Sends?.Invoke(new HonestUpdate(number, client, models[number], clients[client], update)) ?? update;
            View?.Sent(plan.Number, client, recipe.Update, update);
            var own = exchange is null ? like.Sum : algorithm.EmptyOpened(recipe);
            if (own.TryAdd(client, update))
            {
                Mask(exchange, client, own, like.Sum, recipe.Update, plan.Number);
                like.Clients.Add(client);
                proposed.Add(client, after);
            }
            else
            {
                fault ??= $"The update of client {client} in round {plan.Number} cannot be added: {own.FindFault(update)}";
                round.Report(client, ClientState.Rejected);
            }
        }

        foreach (var (number, like) in sums.Where(sum => sum.Value.Clients.Count > 0))
        {
            round.Submit(new Submission(number, plan.BaseVersion, like.Clients, like.Sum));
        }

        if (round.Phase == RoundPhase.Collecting)
        {
            round.Expire();
        }

        if (exchange is not null && round.Phase == RoundPhase.Unmasking)
        {
            round.Unmask(ValueOf(exchange.Open(((MaskedUpdates)round.Partial).Sum)));
        }

        return (proposed, fault);
    }

    // Where updates are masked; whoever does not answer goes away after it has dealt its shares.
    private static SecureExchange? Exchange(FederatedAlgorithm algorithm, RoundRecipe recipe, Round round)
    {
        if (algorithm.Way.Aggregator is not SecureMean mean)
        {
            return null;
        }

        var binding = new RoundBinding($"round {round.Plan.Number}", "", "", "", "");
        var exchange = new SecureExchange(mean.Suite, binding, round.Plan.Cohort, algorithm.VectorOf(recipe));
        return exchange.Begin(_ => true) is { } refusal ? throw new InvalidOperationException(refusal.Text) : exchange;
    }

    private void Mask(SecureExchange? exchange, int client, IPartial own, IPartial sum, UpdateLayout layout, int round)
    {
        if (exchange is not null)
        {
            var masked = ValueOf(exchange.Mask(client, (FixedPointSum)own));
            View?.Masked(round, client, layout, masked.Words.Span);
            ((MaskedUpdates)sum).TryAdd(masked);
        }
    }

    private static T ValueOf<T>(Outcome<T> outcome)
        where T : class => outcome.Value ?? throw new InvalidOperationException(outcome.Refusal!.Text);

    private static List<(int Client, int Round)> Outstanding(Round round)
    {
        var asked = round.Plan.Asked.ToDictionary(one => one.Client, one => one.Round);
        return [.. round.Clients(ClientState.Outstanding).Select(client => (client, asked.GetValueOrDefault(client, round.Plan.Number)))];
    }

    private static ServerState Step(FederatedAlgorithm algorithm, ServerState state, Round round)
    {
        var next = algorithm.Apply(state, round.Plan.Number, round.Partial.Close());
        round.Commit();
        return next.FirstNotFinite() is null ? next : throw new ArithmeticException($"The model that round {round.Plan.Number} led to is not finite; lower the learning rate.");
    }

    // A client adopts what it keeps only for a round that has counted it, as with KeptStates; here the outcome is known at once.
    private static void Settle(Round round, Dictionary<int, ReadOnlyMemory<byte>> proposed, ReadOnlyMemory<byte>[] kept)
    {
        foreach (var client in round.Clients(ClientState.Counted))
        {
            kept[client] = proposed[client];
        }
    }
}

/// <summary>What a client has trained and would send, with all that it knows.</summary>
/// <param name="Round">The round, from 1.</param>
/// <param name="Client">Number of the client.</param>
/// <param name="Model">The model it received.</param>
/// <param name="Data">Its data.</param>
/// <param name="Update">What it would send, through all steps; its values are overwritten by the next client's.</param>
public sealed record HonestUpdate(int Round, int Client, PreparedModel Model, ClientData Data, ClientUpdate Update);
