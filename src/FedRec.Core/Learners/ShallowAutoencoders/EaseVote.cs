using System.Globalization;
using FedRec.Core.Federation.ServerOptimizers;

namespace FedRec.Core.Learners.ShallowAutoencoders;

/// <summary>What users of <c>ease</c> choose, and in which rounds: λ, the item dropout, κ of the time kernel and τ of recency.</summary>
/// <remarks>For each κ there is a round of counts without the items that voters hold out, and a round of votes: a voter adds up how well each candidate
/// finds the newest own items from those before. Only these sums travel. The first κ is none; with the others, λ is looked for at and below the best so far, as
/// pairs count less there. At last everybody's items are counted under what was chosen. What uses the order of items must beat what does not by
/// <see cref="OrderMustGain"/>, and item dropout by <see cref="DropoutMustGain"/>, so that what says nothing is left alone.</remarks>
internal sealed class EaseVote
{
    /// <summary>Factor by which votes for a use of the order must be higher.</summary>
    public const double OrderMustGain = 1.02;

    /// <summary>Factor by which votes for item dropout must be higher.</summary>
    public const double DropoutMustGain = 1.01;

    /// <summary>λ where nobody could vote, and before the first vote.</summary>
    public const double WhenUndecided = 500;

    private const int LambdasBelow = 3;
    private readonly double[] _lambdas;
    private readonly double[] _dropouts;
    private readonly double[] _recencies;
    private readonly double[] _kernels;

    /// <summary>Plans the choice.</summary>
    /// <param name="options">What is given, and what is not.</param>
    /// <param name="hasOrder">Whether the data has times.</param>
    public EaseVote(EaseOptions options, bool hasOrder)
    {
        IsNeeded = options.Lambda is null;
        var choosesOrder = IsNeeded && hasOrder;
        _lambdas = options.Lambda is { } lambda ? [lambda] : [20, 50, 100, 200, 500, 1000, 2000, 5000];
        _dropouts = options.ItemDropout is { } dropout ? [dropout] : IsNeeded ? [0, 0.1875] : [0];
        _recencies = options.Recency is { } recency ? [recency] : choosesOrder ? [0, 20, 10, 5, 2.5] : [0];
        _kernels = options.Kernel is { } kernel ? [kernel] : !choosesOrder || options.Sketch > 0 ? [0] : options.KernelUnit == KernelUnit.Days ? [0, 30, 1] : [0, 20, 5];
    }

    /// <summary>Whether users choose.</summary>
    public bool IsNeeded { get; }

    /// <summary>Rounds until everything is counted.</summary>
    public int Rounds => IsNeeded ? (2 * _kernels.Length) + 1 : 1;

    /// <summary>Sums of votes that are kept apart.</summary>
    public int Candidates => _lambdas.Length * _dropouts.Length * _recencies.Length;

    /// <summary>κ that are voted on, one after the other.</summary>
    public int Kernels => _kernels.Length;

    /// <summary>τ of the candidates.</summary>
    public ReadOnlySpan<double> Recencies => _recencies;

    /// <summary>What is given, or comes first.</summary>
    public EaseSettings First(double unit) => new(IsNeeded ? 0 : _lambdas[0], Unit: unit, Kernel: _kernels[0]);

    /// <summary>Whether a round sums votes.</summary>
    /// <param name="rounds">Rounds done before.</param>
    public bool IsVote(int rounds) => IsNeeded && rounds < Rounds && rounds % 2 == 1;

    /// <summary>The phase after so many rounds: counts, votes on them, and when everything is counted, changes of it.</summary>
    public LearningPhase PhaseAfter(int rounds) => new(rounds >= Rounds ? "changes" : IsVote(rounds) ? "votes" : "counts", rounds);

    /// <summary>Whether a round counts without what voters hold out.</summary>
    public bool HoldsOut(int rounds) => IsNeeded && rounds < Rounds - 1 && rounds % 2 == 0;

    /// <summary>κ of the counts that a round adds.</summary>
    public double KernelOf(EaseSettings settings) => settings.Rounds >= Rounds - 1 || !IsNeeded
        ? IsNeeded ? settings.ChosenKernel : _kernels[0]
        : _kernels[settings.Rounds / 2];

    /// <summary>λ and item dropout that are voted on in a round, with their place among the candidates.</summary>
    public IEnumerable<(double Lambda, double Dropout, int Place)> Ballot(EaseSettings settings)
    {
        var best = settings.Rounds < 2 ? -1 : Array.FindIndex(_lambdas, lambda => lambda >= settings.Lambda);
        for (var lambda = 0; lambda < _lambdas.Length; lambda++)
        {
            for (var dropout = 0; dropout < _dropouts.Length; dropout++)
            {
                if (best < 0 || (lambda <= best && lambda >= best - LambdasBelow))
                {
                    yield return (_lambdas[lambda], _dropouts[dropout], ((lambda * _dropouts.Length) + dropout) * _recencies.Length);
                }
            }
        }
    }

    /// <summary>The settings after a round.</summary>
    /// <param name="settings">Before it.</param>
    /// <param name="votes">Sums of the votes; ignored after a round of counts.</param>
    public EaseSettings After(EaseSettings settings, ReadOnlySpan<double> votes)
    {
        var next = settings with { Rounds = Math.Min(settings.Rounds + 1, Rounds) };
        if (settings.Rounds >= Rounds)
        {
            return settings;
        }

        if (!IsVote(settings.Rounds))
        {
            return next with { Kernel = KernelOf(settings) };
        }

        foreach (var (lambda, dropout, place) in Ballot(settings))
        {
            for (var recency = 0; recency < _recencies.Length; recency++)
            {
                var usesOrder = settings.Kernel > 0 || _recencies[recency] > 0;
                var sum = (float)Counted(votes[place + recency], usesOrder, dropout); // as it was kept of earlier rounds
                if (sum > next.Votes)
                {
                    next = next with { Lambda = lambda, ItemDropout = dropout, Recency = _recencies[recency], ChosenKernel = settings.Kernel, Votes = sum };
                }
            }
        }

        return next.Lambda > 0 ? next // at least one voter found something
            : next with { Lambda = WhenUndecided, ItemDropout = _dropouts[0], Recency = _recencies[0], ChosenKernel = _kernels[0] };
    }

    /// <summary>The best of each κ and τ, with item dropout where that wins by what it must; in words, with the sum of its votes. What nobody could vote on is left out.</summary>
    /// <param name="votes">The sums of all rounds: a row of candidates for each κ.</param>
    public IReadOnlyDictionary<string, double> Best(ReadOnlySpan<float> votes)
    {
        var best = new Dictionary<string, double>();
        for (var kernel = 0; kernel < _kernels.Length; kernel++)
        {
            var row = votes.Slice(kernel * Candidates, Candidates);
            for (var recency = 0; recency < _recencies.Length; recency++)
            {
                var (most, at) = (0.0, 0);
                for (var place = recency; place < Candidates; place += _recencies.Length)
                {
                    var counted = Counted(row[place], usesOrder: false, _dropouts[place / _recencies.Length % _dropouts.Length]); // the order is the same for all of them
                    (most, at) = counted > most ? (counted, place) : (most, at);
                }

                if (most > 0)
                {
                    var (lambda, dropout) = Math.DivRem(at / _recencies.Length, _dropouts.Length);
                    best[string.Create(CultureInfo.InvariantCulture,
                        $"lambda {_lambdas[lambda]}, kernel {_kernels[kernel]}, recency {_recencies[recency]}, item-dropout {_dropouts[dropout]}")] = row[at];
                }
            }
        }

        return best;
    }

    // What a sum of votes counts beside others.
    private static double Counted(double votes, bool usesOrder, double dropout) => votes / (usesOrder ? OrderMustGain : 1) / (dropout > 0 ? DropoutMustGain : 1);
}
