using System.Collections.Concurrent;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Parties;

namespace FedRec.Grains.Evaluations;

/// <summary>A silo's share of one evaluation.</summary>
/// <param name="newSlot">Makes the sums and scratch memory of a training thread.</param>
/// <param name="slots">Training threads.</param>
internal sealed class LocalEvaluation(Func<IEvaluationSlot> newSlot, int slots)
{
    private readonly ConcurrentDictionary<int, bool> _counted = new();
    private readonly ConcurrentBag<ReadOnlyMemory<byte>> _sent = [];
    private readonly IEvaluationSlot?[] _slots = new IEvaluationSlot?[slots];

    /// <summary>Evaluates a client's users on a training thread.</summary>
    public bool Add(int slot, int client, PartyHoldings holdings)
    {
        if (!_counted.TryAdd(client, true))
        {
            return false; // asked twice, counted once
        }

        var own = _slots[slot] ??= newSlot();
        own.Evaluate(client, holdings);
        return true;
    }

    /// <summary>Adds what a client has summed itself.</summary>
    /// <param name="client">Number of the client.</param>
    /// <param name="sums">As they travelled.</param>
    /// <param name="users">Users of the client: its sums count no more than these, and say nothing that is out of range.</param>
    /// <exception cref="InvalidDataException">They are sums of something else, or none that its users can have.</exception>
    public void AddSums(int client, ReadOnlyMemory<byte> sums, long users)
    {
        var own = newSlot().Sums;
        own.Add(sums.Span); // or the sums of everybody would be lost with it
        if (own is MetricSums metrics && !metrics.CouldBeOf(users))
        {
            throw new InvalidDataException($"No {users:N0} users can have these sums.");
        }

        if (_counted.TryAdd(client, true))
        {
            _sent.Add(sums);
        }
    }

    /// <summary>What all threads have summed.</summary>
    public byte[] Sum()
    {
        var total = newSlot().Sums;
        foreach (var slot in _slots.OfType<IEvaluationSlot>())
        {
            total.Add(slot.Sums.ToBytes());
        }

        foreach (var sums in _sent)
        {
            total.Add(sums.Span);
        }

        return total.ToBytes();
    }
}

/// <summary>The sums and scratch memory of one training thread.</summary>
internal interface IEvaluationSlot
{
    IEvaluationSums Sums { get; }

    void Evaluate(int client, PartyHoldings holdings);
}

/// <summary>Measures one model.</summary>
internal sealed class MetricSlot(EvaluationPlan plan, IScorerSource model) : IEvaluationSlot
{
    private readonly EvaluatorOf<RankingEvaluator> _evaluator = new(split => new RankingEvaluator(split));
    private readonly MetricSums _sums = plan.NewMetrics();

    public IEvaluationSums Sums => _sums;

    public void Evaluate(int client, PartyHoldings holdings) =>
        model.Use(client, holdings, scorer => _evaluator.For(plan.Of(holdings)).Evaluate(scorer, holdings.Users.Span, _sums));
}

/// <summary>Counts who has met which items in training.</summary>
internal sealed class CountSlot(EvaluationPlan plan) : IEvaluationSlot
{
    private readonly ItemCounts _counts = plan.NewCounts();

    public IEvaluationSums Sums => _counts;

    public void Evaluate(int client, PartyHoldings holdings)
    {
        foreach (var user in holdings.Users.Span)
        {
            _counts.AddUser(holdings.Data.Train.Items(user));
        }
    }
}

/// <summary>Compares two models.</summary>
internal sealed class ComparisonSlot(EvaluationPlan plan, IScorerSource model, IScorerSource rival) : IEvaluationSlot
{
    private readonly EvaluatorOf<PairedEvaluator> _evaluator = new(split => new PairedEvaluator(split, plan.Frame));
    private readonly BootstrapSums _sums = plan.NewComparison();

    public IEvaluationSums Sums => _sums;

    public void Evaluate(int client, PartyHoldings holdings) => model.Use(client, holdings, first =>
        rival.Use(client, holdings, second => _evaluator.For(plan.Of(holdings)).Evaluate(first, second, holdings.Users.Span, _sums)));
}

/// <summary>An evaluator with its scratch memory, for as long as what is ranked is the same: of a simulation always.</summary>
internal sealed class EvaluatorOf<T>(Func<EvaluationSplit, T> make)
    where T : class
{
    private (EvaluationSplit Split, T Evaluator)? _last;

    public T For(EvaluationSplit split)
    {
        if (_last is not { } last || !ReferenceEquals(last.Split, split))
        {
            _last = last = (split, make(split));
        }

        return last.Evaluator;
    }
}
