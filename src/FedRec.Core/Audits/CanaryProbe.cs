using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Audits;

/// <summary>How much of a canary is in a released model.</summary>
/// <param name="Score">In units of the mean of updates; higher is more.</param>
/// <param name="IsIn">Whether it was in training.</param>
public readonly record struct CanaryScore(double Score, bool IsIn);

/// <summary>What an audit with canaries has found.</summary>
/// <param name="LowerBound">ε that the run has at least, with the confidence of the audit; 0 where nothing was seen.</param>
/// <param name="Claimed">ε that the accountant claims; infinite without privacy.</param>
/// <param name="Delta">δ of both.</param>
/// <param name="Confidence">Chance at least that the lower bound is true.</param>
/// <param name="NoiseMultiplier">Of the run; 0 without privacy.</param>
/// <param name="Canaries">How many there were.</param>
/// <param name="Area">How well scores told those in training from the others.</param>
/// <param name="Scores">Score of each canary, and whether it was in.</param>
public sealed record CanaryFindings(
    double LowerBound, double Claimed, double Delta, double Confidence, double NoiseMultiplier, int Canaries, Measured Area, IReadOnlyList<CanaryScore> Scores)
{
    /// <summary>Whether the run tells more than it claims: then something is wrong with its noise, its clipping or its accounting.</summary>
    public bool IsBroken => LowerBound > Claimed;
}

/// <summary>A canary audit: clients whose updates are as easy to find again as can be join a run, each or not by a fair coin, and from how well the released model tells which did follows an ε that the run has at least.</summary>
/// <remarks>One run suffices (<see cref="OneRunBound"/>). A canary sends a vector of the clip norm's length in places and with signs of its own, the strongest that privacy of clients allows (Andrew et al. 2024, arXiv:2302.03098, for random directions), in each
/// round that asks it; one that is out sends nothing in the same rounds. The server steps along the mean as it is, so that the released model is the sum of all that was released: whatever optimizer a run has only works on that.
/// The bound holds for the run that is audited, its coins, clipping and noise; that is at most what its accountant claims unless something is wrong, and often far below, as no attack is the best one.</remarks>
public static class CanaryProbe
{
    /// <summary>δ at which runs without a budget are audited.</summary>
    public const double UsualDelta = 1e-5;

    private static readonly int[] s_one = [0];
    private static readonly int[] s_offsetsOfOne = [0, 1];
    private static readonly int[] s_shares = [1, 2, 4, 10]; // guesses are made of all canaries, a half of them, …

    /// <summary>Audits one run.</summary>
    /// <param name="run">How it trains; needs a clip norm.</param>
    /// <param name="data">The users.</param>
    /// <param name="users">Those that take part beside the canaries.</param>
    /// <param name="canaries">How many canaries, at least 10.</param>
    /// <param name="confidence">Of the bound, in (0, 1).</param>
    /// <param name="seed">Of every draw.</param>
    /// <param name="tampers">Changes the federation before it trains, to see that a fault is found. Default: null, nothing is changed.</param>
    /// <exception cref="ArgumentException">Clients of the learner do not send directions alone, or there are fewer places than canaries.</exception>
    public static CanaryFindings Run(
        AuditedRun run, Dataset data, IReadOnlyList<int> users, int canaries, double confidence, ulong seed, Func<AuditedRun, AuditedRun>? tampers = null)
    {
        UpdateWay.ThrowUnlessPrivate(run.Learner);
        var layout = run.Learner.Recipe(LearningPhase.Training).Update;
        if (run.ClipNorm <= 0 || run.Learner.Phases.Any() || layout.Length != run.Learner.Parameters.Length || layout.Length < canaries)
        {
            throw new ArgumentException($"Canaries need a learner that trains by directions from its first round on, a clip norm, and {canaries} numbers in an update; {run.Learner.Name} has {layout.Length} and the clip norm is {FormattableString.Invariant($"{run.ClipNorm}")}. Take ncf, or mf with objective logistic or bpr, and give --clip-norm.");
        }

        var coins = SeedSequence.For(seed, "canaries");
        bool[] isIn = [.. Enumerable.Range(0, canaries).Select(_ => coins.NextDouble() < 0.5)];
        var signs = SeedSequence.For(seed, "signs");
        sbyte[] sign = [.. Enumerable.Range(0, layout.Length).Select(_ => (sbyte)(signs.NextDouble() < 0.5 ? -1 : 1))];
        var clients = Clients(data, users, canaries);
        var audited = (tampers?.Invoke(run) ?? run) with { OptimizerOf = _ => new SgdOptimizer(), Weighting = ClientWeighting.Parse("uniform", 0) };
        var federation = audited.Federation(clients.Length, run.Rounds, seed, honest => honest.Client < users.Count ? honest.Update
            : isIn[honest.Client - users.Count] ? Canary(honest.Update, honest.Client - users.Count) : honest.Update with { Values = new UpdateBuffer() });
        var (before, after) = (run.Learner.Initialize(seed), federation.Train(clients, run.Rounds, seed));
        CanaryScore[] scores = [.. Enumerable.Range(0, canaries).Select(canary => new CanaryScore(Score(canary), isIn[canary]))];
        var (noise, claimed) = run.Claim(clients.Length, run.Rounds);
        var delta = run.Budget?.Delta ?? UsualDelta;
        return new CanaryFindings(
            OneRunBound.Epsilon([.. s_shares.Select(share => Guess(scores, Math.Max(2, canaries / share)))], delta, confidence), claimed, delta, confidence, noise, canaries,
            new RocCurve(scores.Where(one => one.IsIn).Select(one => one.Score), scores.Where(one => !one.IsIn).Select(one => one.Score)).AreaWithInterval, scores);

        Range PlacesOf(int canary) => (int)((long)layout.Length * canary / canaries)..(int)((long)layout.Length * (canary + 1) / canaries);

        ClientUpdate Canary(ClientUpdate honest, int canary)
        {
            var (places, values) = (PlacesOf(canary), new UpdateBuffer());
            var (offset, length) = places.GetOffsetAndLength(layout.Length);
            var segment = values.Segment(offset, length);
            var each = (float)(run.ClipNorm * (1 - 1e-6) / Math.Sqrt(length)); // rounding must not make it longer
            for (var i = 0; i < length; i++)
            {
                segment[i] = sign[offset + i] * each;
            }

            return honest with { Values = values };
        }

        double Score(int canary)
        {
            var (offset, length) = PlacesOf(canary).GetOffsetAndLength(layout.Length);
            return Enumerable.Range(offset, length).Sum(place => sign[place] * ((double)after.Span[place] - before[place])) / Math.Sqrt(length);
        }
    }

    // The highest ones are taken to be in, as many lowest ones to be out, and nothing is said of those between.
    private static CanaryGuesses Guess(CanaryScore[] scores, int guesses)
    {
        var (sorted, half) = (scores.OrderByDescending(one => one.Score).ToArray(), guesses / 2);
        return new CanaryGuesses(scores.Length, 2 * half, sorted[..half].Count(one => one.IsIn) + sorted[^half..].Count(one => !one.IsIn));
    }

    // What a canary trains is thrown away, so it trains on one item.
    private static ClientData[] Clients(Dataset data, IReadOnlyList<int> users, int canaries)
    {
        var rows = new UserItems(s_offsetsOfOne, s_one, data.Train.HasRatings ? [data.Train.RatingScale!.Value.Highest] : null);
        return [.. users.Select(user => AuditedRun.ClientOf(data, user)), .. Enumerable.Range(0, canaries).Select(_ => new ClientData(rows, s_one, data.Items.Count))];
    }
}
