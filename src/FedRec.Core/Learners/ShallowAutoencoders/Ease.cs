using System.Globalization;
using System.Numerics;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.ShallowAutoencoders;

/// <summary>EASE: item–item weights in closed form from how often items are met together. One round, and exact.</summary>
/// <remarks>Steck 2019, arXiv:1905.03375. The shared parameters are the summed counts, not the weights: a silo solves for the
/// weights when it first scores with a version. So versions are whole numbers, the same bytes on any number of silos; a version
/// plus the difference that changed users make is the version that training afresh would give, byte for byte; and what a removed
/// user has left in a model is nothing, but for a voice in the choices of <see cref="EaseVote"/>.
/// The order of a user's items is used where they live: pairs of items that were met soon after each other count more (<see cref="TimeKernel"/>), and the newest items
/// weigh most in a score. Counts are whole numbers of a unit, so interactions count alike whatever their kind of event is; a kind with weight 0 is not in the data at all.
/// Where parties know the same people, each adds the pairs that it sees: items that somebody met at two parties make no pair.</remarks>
public sealed class Ease : ILearner
{
    private readonly ICoOccurrences _counts;
    private readonly EaseOptions _options;
    private readonly EaseVote _vote;
    private readonly FederationShape _shape;
    private readonly int _items;
    private readonly double _unit;
    private readonly int _countsLength;
    private readonly RoundRecipe _countRound;
    private readonly RoundRecipe _voteRound;

    /// <summary>Creates the learner for one catalogue.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="shape">Items, users where they are known, and whether the data has times.</param>
    /// <exception cref="ArgumentException">A sketch beside a time kernel.</exception>
    public Ease(EaseOptions options, FederationShape shape)
    {
        (_options, _items, _shape) = (options, shape.Items, shape);
        _counts = options.Sketch == 0 ? new PairCounts(_items)
            : options.Kernel is null or 0 ? new SketchedCounts(_items, options.Sketch)
            : throw new ArgumentException("kernel weighs each pair of items, and a sketch keeps none of them; leave one of kernel and sketch out.");
        _vote = new EaseVote(options, shape.HasTimes);
        var isPlain = !_vote.IsNeeded && options.Kernel is null or 0;
        _unit = isPlain || options.Sketch > 0 ? 1 : UnitFor(shape.Users);
        LargestUpdate = Largest(options.Sketch > 0 ? 2.0 * shape.Interactions : shape.Users * _unit);
        ParameterBlock[] votes = _vote.IsNeeded ? [new ParameterBlock("votes", _vote.Kernels, _vote.Candidates)] : [];
        Parameters = new ParameterLayout([.. _counts.Blocks, new ParameterBlock(isPlain ? "lambda_and_rounds" : "settings", 1, isPlain ? EaseSettings.PlainLength : EaseSettings.Length), .. votes]);
        _countsLength = Parameters.Offset(_counts.Blocks.Length);
        UpdateBlock[] counted = [.. _counts.Blocks.ToArray().Select(block => new UpdateBlock(block.Name, block.Rows, block.Columns, BlockRole.Count, options.Sketch > 0 ? null : _unit))];
        _countRound = new RoundRecipe(new UpdateLayout(counted), Participation.Everybody, WeightRule.One, StepRule.Sum, Download: Parameters.Length - _countsLength);
        _voteRound = new RoundRecipe(
            new UpdateLayout(new UpdateBlock("votes", 1, _vote.Candidates, BlockRole.Vote, HeldOutOwn.Most)), Participation.Everybody, WeightRule.One, StepRule.Sum);
    }

    /// <inheritdoc/>
    public string Name => "ease";

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; }

    /// <inheritdoc/>
    /// <remarks>To count, a client needs to know only what was chosen; to vote, the counts.</remarks>
    public RoundRecipe Recipe(LearningPhase phase) => _vote.IsVote(phase.Rounds) ? _voteRound : _countRound;

    /// <inheritdoc/>
    public LearningPhase PhaseOf(ReadOnlySpan<float> version) => _vote.PhaseAfter(EaseSettings.Read(version[_countsLength..]).Rounds);

    /// <inheritdoc/>
    public ReadOnlyMemory<float> ToVersion(ReadOnlyMemory<float> parameters, LearningPhase phase)
    {
        if (EaseSettings.Read(parameters.Span[_countsLength..]) is var settings && settings.Rounds == phase.Rounds)
        {
            return parameters;
        }

        var values = parameters.ToArray();
        (settings with { Rounds = phase.Rounds }).Write(values.AsSpan(_countsLength));
        return values;
    }

    /// <inheritdoc/>
    /// <remarks>A party may hold all users.</remarks>
    public double LargestUpdate { get; }

    /// <inheritdoc/>
    /// <remarks>Counts go with their items; the signs of a sketch belong to the numbers of items, so that a sketch holds for one order of one catalogue.</remarks>
    public IReadOnlyList<BlockMeaning>? Meanings => _options.Sketch > 0 ? null : [BlockMeaning.ItemPairs, BlockMeaning.Same, .. _vote.IsNeeded ? [BlockMeaning.Same] : Array.Empty<BlockMeaning>()];

    private int VotesOffset => _countsLength + EaseSettings.Length;

    /// <summary>What a pair without distance counts: as finely as float32 allows for sums of so many users, a power of two.</summary>
    internal static double UnitFor(int users) => Math.ScaleB(1, Math.Clamp(24 - (int)Math.Ceiling(Math.Log2(Math.Max(users, 1024))), 0, 14));

    /// <inheritdoc/>
    public float[] Initialize(ulong seed)
    {
        var parameters = new float[Parameters.Length];
        _vote.First(_unit).Write(parameters.AsSpan(_countsLength));
        return parameters;
    }

    /// <inheritdoc/>
    /// <remarks>A version of before there was an order has λ and rounds only, and one whose λ is given no votes.</remarks>
    public bool Reads(int values) => values == Parameters.Length || values == _countsLength + EaseSettings.PlainLength || values == VotesOffset;

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters, LearningPhase phase) => Reads(parameters.Length)
        ? new EaseModel(parameters, phase, SettingsOf(parameters.Span, phase), _options.ItemDropout ?? 0, _counts, _countsLength, _items)
        : throw new ArgumentException($"{parameters.Length} values are not the {Parameters.Length} of {_items} items.", nameof(parameters));

    /// <inheritdoc/>
    public bool IsComplete(LearningPhase phase) => _vote.IsNeeded && phase.Rounds == _vote.Rounds;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Chosen(ReadOnlySpan<float> parameters)
    {
        var settings = EaseSettings.Read(parameters[_countsLength..]);
        return settings.Votes == 0 ? new Dictionary<string, double>() : new Dictionary<string, double>
        {
            ["lambda"] = settings.Lambda,
            ["kernel"] = settings.ChosenKernel,
            ["recency"] = settings.Recency,
            ["item-dropout"] = settings.ItemDropout,
        };
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Votes(ReadOnlySpan<float> parameters) =>
        _vote.IsNeeded && parameters.Length == Parameters.Length ? _vote.Best(parameters[VotesOffset..]) : new Dictionary<string, double>();

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker() => new EaseWorker(_counts.CreateShare(), _options, _vote, _shape);

    /// <inheritdoc/>
    public StepProposal Conclude(ServerState state, IAggregate aggregate, Span<float> delta)
    {
        var now = state.Parameters.Span;
        var sum = aggregate.Sum;
        var settings = SettingsOf(now, state.Phase);
        double[] votes = [];
        delta.Clear();
        if (_vote.IsVote(settings.Rounds))
        {
            votes = Array.ConvertAll(sum.Values.ToArray(), sum.Scale.Decode);
            var kept = VotesOffset + (settings.Rounds / 2 * _vote.Candidates);
            for (var i = 0; i < votes.Length; i++)
            {
                delta[kept + i] = (float)votes[i] - now[kept + i];
            }
        }
        else
        {
            Count(now, settings, sum, delta[.._countsLength]);
        }

        var next = _vote.After(settings, votes);
        Span<float> chosen = stackalloc float[EaseSettings.Length];
        (next with { Rounds = EaseSettings.Read(now[_countsLength..]).Rounds }).Write(chosen); // the phase says where the run stands
        for (var i = 0; i < Math.Min(EaseSettings.Length, now.Length - _countsLength); i++)
        {
            delta[_countsLength + i] = chosen[i] - now[_countsLength + i];
        }

        return new StepProposal(_vote.PhaseAfter(next.Rounds), Exact: delta.Length);
    }

    private void Count(ReadOnlySpan<float> now, EaseSettings settings, FixedPointSum sum, Span<float> delta)
    {
        var values = sum.Values;
        var countsAnew = settings.Rounds > 0 && settings.Rounds < _vote.Rounds;
        for (var i = 0; i < delta.Length; i++)
        {
            var (before, added) = (now[i], sum.Scale.Decode(values[i]));
            ThrowUnlessExact(added, settings.Unit);
            ThrowUnlessExact(countsAnew ? added : before + added, settings.Unit);
            delta[i] = (float)(countsAnew ? added - before : added);
        }
    }

    private EaseSettings SettingsOf(ReadOnlySpan<float> parameters, LearningPhase phase) => EaseSettings.Read(parameters[_countsLength..]) with { Rounds = phase.Rounds };

    // Each user adds a unit at most to a pair, and to a cell of a sketch up to the number of the own items, before and after a change. Only the power of
    // two above it counts, so the size of the federation is not revealed by the scale.
    private static double Largest(double most) =>
        Math.Min(SumScale.MostLimit, BitOperations.RoundUpToPowerOf2((ulong)Math.Max(SumScale.LeastLimit, most)));

    private static void ThrowUnlessExact(double count, double unit)
    {
        if (Math.Abs(count) > SumScale.MostLimit)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"ease counts exactly up to {SumScale.MostLimit / unit:N0} users of one pair of items, and there are {count / unit:N0}; train on fewer users, or use mf"));
        }
    }
}
