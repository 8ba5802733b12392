using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Evaluations;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>Has every client rank its own held-out items and adds up what the silos report.</summary>
/// <remarks>Clients of a simulation that remember nothing are evaluated by their silos, a batch at a time: a call to each of a million would make a million grains.</remarks>
internal sealed partial class FederatedEvaluator(IGrainFactory grains, LocalAggregators aggregators, ISiloStatusOracle members, TimeProvider time, ILogger<FederatedEvaluator> log)
{
    private const int InFlight = 256; // calls under way at once: enough to keep the silos busy, without a queue of thousands
    private const int MaxAttempts = 3;

    /// <summary>Evaluates a model on all clients of a run.</summary>
    /// <exception cref="OrleansException">Silos were lost again and again.</exception>
    public async Task<EvaluationRecord> EvaluateAsync(RunContext run, ModelReference model, ImmutableArray<int> cutoffs, bool onValidation, bool sampled = false, bool shared = false)
    {
        var start = time.GetTimestamp();
        var order = new EvaluateOrder(Guid.Empty, model, cutoffs, onValidation) { Sampled = sampled, Shared = shared };
        var total = await SumAsync(run, order, plan => plan.NewMetrics());
        return EvaluationMessages.ToRecord(run.Learner.Name, total.Finish(), time.GetElapsedTime(start)) with { OnValidation = onValidation };
    }

    /// <summary>Has every client of a run count what its users have met in training, and adds up.</summary>
    /// <exception cref="OrleansException">Silos were lost again and again.</exception>
    public Task<ItemCounts> CountItemsAsync(RunContext run, ModelReference model) =>
        SumAsync(run, new EvaluateOrder(Guid.Empty, model, [1], OnValidation: false) { CountsItems = true }, plan => plan.NewCounts());

    /// <summary>Compares a model with another one on all clients of a run.</summary>
    /// <param name="run">The run whose data is meant.</param>
    /// <param name="order">Both models, and the number of replicates.</param>
    /// <param name="first">What the model is called.</param>
    /// <param name="second">What the other one is called.</param>
    /// <param name="clients">The clients whose users are compared; null for all.</param>
    /// <exception cref="OrleansException">Silos were lost again and again.</exception>
    public async Task<ComparisonRecord> CompareAsync(RunContext run, EvaluateOrder order, string first, string second, int[]? clients = null)
    {
        var start = time.GetTimestamp();
        var total = await SumAsync(run, order, plan => plan.NewComparison(), clients);
        return new ComparisonRecord
        {
            First = first,
            Second = second,
            Users = total.Users,
            Replicates = order.Replicates,
            Differences = total.Users == 0 ? [] : [.. total.Finish().Select(EvaluationMessages.ToMessage)],
            Seconds = time.GetElapsedTime(start).TotalSeconds,
        };
    }

    private async Task<TSums> SumAsync<TSums>(RunContext run, EvaluateOrder order, Func<EvaluationPlan, TSums> empty, int[]? clients = null)
        where TSums : IEvaluationSums
    {
        var plan = new EvaluationPlan(order, run);
        var inBatches = run.Simulated is not null && !run.Source.RecordedHistory && order.Against is null;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var total = empty(plan);
                await AddAllAsync(run, order with { Evaluation = Guid.NewGuid() }, total, clients ?? run.Numbers, inBatches);
                return total;
            }
            catch (Exception exception) when (inBatches)
            {
                LogBatchFailed(run.RunKey, exception); // of a silo that is gone, has not the data, or is of an earlier release
                inBatches = false;
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException && attempt < MaxAttempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), time); // a silo was lost with its sums: everything is asked again
            }
        }
    }

    private async Task AddAllAsync(RunContext run, EvaluateOrder order, IEvaluationSums total, IEnumerable<int> clients, bool inBatches)
    {
        var silos = new HashSet<SiloAddress>();
        var failures = new StrongBox<int>();
        try
        {
            var references = new GrainsOf<IClientGrain>(grains);
            foreach (var part in clients.Chunk(InFlight))
            {
                if (inBatches)
                {
                    await AskSilosAsync(order, part, silos);
                    continue;
                }

                var answers = await Task.WhenAll(part.Select(client => AskAsync(run, order, references, client, failures)));
                silos.UnionWith(answers.OfType<SiloAddress>());
            }

            foreach (var silo in silos.ToArray())
            {
                var sums = await aggregators.On(silo).TakeEvaluationAsync(order.Evaluation)
                    ?? throw new OrleansException($"Silo {silo} has lost the sums of an evaluation.");
                silos.Remove(silo);
                total.Add(sums.Value);
            }
        }
        finally
        {
            foreach (var silo in silos)
            {
                aggregators.On(silo).ForgetEvaluationAsync(order.Evaluation).Ignore(); // one that is not told forgets it by itself, later
            }
        }
    }

    // Dealt by their numbers, so that a client is with the same silo however they are cut; a silo that is lost takes its sums along.
    private async Task AskSilosAsync(EvaluateOrder order, int[] clients, HashSet<SiloAddress> asked)
    {
        var all = members.GetApproximateSiloStatuses(onlyActive: true).Keys.Order().ToArray();
        var batches = clients.GroupBy(client => all[client % all.Length]).ToArray();
        asked.UnionWith(batches.Select(batch => batch.Key));
        await Task.WhenAll(batches.Select(batch => aggregators.On(batch.Key).EvaluateAsync(order, new ClientBatch([.. batch]))));
    }

    // A client that does not answer is left out, as in a round; the record says how many users were evaluated. Thousands more would say what the first did.
    private async Task<SiloAddress?> AskAsync(RunContext run, EvaluateOrder order, GrainsOf<IClientGrain> references, int client, StrongBox<int> failures)
    {
        try
        {
            return await references.Get(GrainKeys.Client(run.Request.Federation, client)).EvaluateAsync(order);
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            LogClientFailed(Interlocked.Increment(ref failures.Value) == 1 ? LogLevel.Warning : LogLevel.Debug, run.RunKey, client, exception);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Run {Run}: a silo could not evaluate its share of the clients; each client is asked itself")]
    private partial void LogBatchFailed(string run, Exception exception);

    [LoggerMessage("Run {Run}: client {Client} could not be evaluated")]
    private partial void LogClientFailed(LogLevel level, string run, int client, Exception exception);
}
