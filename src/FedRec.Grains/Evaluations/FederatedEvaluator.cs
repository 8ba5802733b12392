using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Evaluations;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>Has every client rank its own held-out items and adds up what the silos report.</summary>
internal sealed partial class FederatedEvaluator(IGrainFactory grains, LocalAggregators aggregators, TimeProvider time, ILogger<FederatedEvaluator> log)
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
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var total = empty(plan);
                await AddAllAsync(run, order with { Evaluation = Guid.NewGuid() }, total, clients ?? Enumerable.Range(0, run.Clients));
                return total;
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException && attempt < MaxAttempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), time); // a silo was lost with its sums: everything is asked again
            }
        }
    }

    private async Task AddAllAsync(RunContext run, EvaluateOrder order, IEvaluationSums total, IEnumerable<int> clients)
    {
        var silos = new HashSet<SiloAddress>();
        var failures = new StrongBox<int>();
        try
        {
            var references = new ClientReferences(grains, run.Request.Federation);
            foreach (var part in clients.Chunk(InFlight))
            {
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

    // A client that does not answer is left out, as in a round; the record says how many users were evaluated. Thousands more would say what the first did.
    private async Task<SiloAddress?> AskAsync(RunContext run, EvaluateOrder order, ClientReferences references, int client, StrongBox<int> failures)
    {
        try
        {
            return await references.Get(client).EvaluateAsync(order);
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            LogClientFailed(Interlocked.Increment(ref failures.Value) == 1 ? LogLevel.Warning : LogLevel.Debug, run.RunKey, client, exception);
            return null;
        }
    }

    [LoggerMessage("Run {Run}: client {Client} could not be evaluated")]
    private partial void LogClientFailed(LogLevel level, string run, int client, Exception exception);
}
