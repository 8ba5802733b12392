using System.Globalization;
using FedRec.Core.Data;

namespace FedRec.Core.Evaluation.Baselines.SelfAttention;

/// <summary>Centralised SASRec: settings and passes are chosen on items held out of training, then it is trained on all training items.</summary>
/// <remarks>Those items are the validation items where the data has some, else each user's newest training item. Work is bounded by counting
/// multiply-adds, and not by a clock, so that equal seeds give equal scores.</remarks>
/// <param name="items">Items of the catalogue.</param>
/// <param name="seed">Seed of all draws.</param>
internal sealed class SasRec(int items, ulong seed)
{
    /// <summary>What is tried, the likeliest first: where the budget ends, the others are left out.</summary>
    public IReadOnlyList<SequenceSettings> Candidates { get; init; } =
    [
        new SequenceSettings(),
        new SequenceSettings { StepSize = 0.01, StepExamples = 10_000 }, // few large steps: on MovieLens 100K they find more than many small ones
        new SequenceSettings { Layers = 2 },
        new SequenceSettings { Dropout = 0.4 },
    ];

    /// <summary>Multiply-adds of everything together. Default: 10¹³, some seven minutes of two cores.</summary>
    public double Budget { get; init; } = 1e13;

    /// <summary>Looks at the held-out items in one trial; more where they are fewer than <see cref="MostExamples"/>. Default: 24.</summary>
    public int MostLooks { get; init; } = 24;

    /// <summary>Looks without a better one that end a trial; more where they are fewer than a sixth of <see cref="MostExamples"/>. Default: 4.</summary>
    public int Patience { get; init; } = 4;

    /// <summary>Examples that a trial on little data may take. Default: 2,400,000.</summary>
    public int MostExamples { get; init; } = 2_400_000;

    /// <summary>Examples from one look to the next, at least: a pass, or several over little data. Default: 20,000.</summary>
    public int LookEvery { get; init; } = 20_000;

    /// <summary>Trains on the training split.</summary>
    /// <exception cref="ArgumentException">The data has no times, or is a labelled table.</exception>
    public static SequenceScorer Train(Dataset dataset, ulong seed)
    {
        BaselineRegistry.ThrowUnlessFit("sasrec", dataset);
        var (all, validation) = (new ItemSequences(dataset.Train), dataset.Validation);
        int[][] heldOut = [.. Enumerable.Range(0, validation.UserCount).Select(user => validation.Items(user).ToArray())];
        var search = new SasRec(dataset.Items.Count, seed);
        var (settings, passes, parameters) = validation.Count > 0 ? search.Choose(all, all, heldOut) : search.ChooseByNewest(all);
        var words = string.Create(CultureInfo.InvariantCulture, $"layers {settings.Layers} dropout {settings.Dropout} step {settings.StepSize} of {settings.StepExamples} examples passes {passes}");
        return new SequenceScorer(settings, dataset.Items.Count, parameters) { Chosen = words };
    }

    /// <summary>Chooses by each user's newest item and trains on all.</summary>
    public (SequenceSettings Settings, int Passes, float[] Parameters) ChooseByNewest(ItemSequences all)
    {
        var (earlier, newest) = all.WithoutNewest();
        return Choose(all, earlier, newest);
    }

    /// <summary>Chooses settings and passes on held-out items and trains with them.</summary>
    /// <param name="all">What is learnt from in the end.</param>
    /// <param name="earlier">What is learnt from while choosing; where it is <paramref name="all"/>, the chosen network is the trained one.</param>
    /// <param name="heldOut">Each user's items to find.</param>
    public (SequenceSettings Settings, int Passes, float[] Parameters) Choose(ItemSequences all, ItemSequences earlier, int[][] heldOut)
    {
        var quality = new NextItemQuality(earlier, heldOut);
        var examples = Math.Max(Candidates[0].StepExamples, all.Examples); // a pass over less takes a step all the same
        var passes = (int)Math.Max(1, (LookEvery + examples - 1) / examples); // from look to look
        if (quality.IsEmpty)
        {
            return (Candidates[0], passes, Train(Candidates[0], all, passes)); // nothing to choose by
        }

        var (best, left, isAgain) = (new Trial(Candidates[0], 0, -1, []), Budget, !ReferenceEquals(all, earlier));
        foreach (var settings in Candidates)
        {
            var cost = passes * settings.CostOfPass(examples, items);
            var kept = isAgain ? best.Looks * passes * best.Settings.CostOfPass(examples, items) : 0; // to train the best one again
            var most = best.Looks == 0 ? left / cost / (isAgain ? 2 : 1) : (left - kept) / cost;
            if (best.Looks > 0 && most < best.Looks + Patience)
            {
                break; // it could not be tried as the best one was
            }

            var looks = (int)Math.Clamp(most, 1, Math.Max(MostLooks, MostExamples / (passes * examples)));
            var (trial, tried) = Try(settings, earlier, quality, passes, looks, (int)Math.Max(Patience, MostExamples / 6 / (passes * examples)));
            left -= tried * cost;
            best = trial.Quality > best.Quality ? trial : best;
        }

        return (best.Settings, best.Looks * passes, isAgain ? Train(best.Settings, all, best.Looks * passes) : best.Parameters);
    }

    private (Trial Best, int Looks) Try(SequenceSettings settings, ItemSequences earlier, NextItemQuality quality, int passes, int looks, int patience)
    {
        var (best, look) = (new Trial(settings, 0, -1, []), 0);
        new SequenceTrainer(settings, earlier, items, seed).Train((pass, _, parameters) =>
        {
            if (pass % passes != 0)
            {
                return true;
            }

            look++;
            var now = quality.Of(settings, items, parameters);
            best = now > best.Quality ? new Trial(settings, look, now, parameters) : best;
            return look < looks && look < best.Looks + patience;
        });
        return (best, look);
    }

    private float[] Train(SequenceSettings settings, ItemSequences all, int passes)
    {
        float[] last = [];
        new SequenceTrainer(settings, all, items, seed).Train((pass, _, parameters) =>
        {
            last = parameters;
            return pass < passes;
        });
        return last;
    }

    private sealed record Trial(SequenceSettings Settings, int Looks, double Quality, float[] Parameters);
}
