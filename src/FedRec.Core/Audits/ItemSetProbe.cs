using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Privacy.SecureAggregation;

namespace FedRec.Core.Audits;

/// <summary>How much one thing that a server sees tells of which items a client has met.</summary>
/// <param name="View">What the server sees.</param>
/// <param name="OfItems">Chance that an item that a client has met scores above one that it has not; the mean over clients. It is above 0.5 for what everybody knows too, such as which items are popular.</param>
/// <param name="OfClients">Chance that a client that has met an item scores above one that has not; the mean over items. What is the same for all clients gives 0.5: only what is known of this client counts.</param>
/// <param name="Clients">The areas of single clients, whose mean <paramref name="OfItems"/> is.</param>
public sealed record ItemSetLeak(string View, Measured OfItems, Measured OfClients, IReadOnlyList<double> Clients);

/// <summary>Item-set inference: which items a client has met, from everything that a server sees of it.</summary>
/// <remarks>A curious server that keeps to the protocol (interaction-level membership inference; Yuan et al. 2023, arXiv:2301.10964). One federation is watched, whose updates are masked: what is sent before it is masked is what a server would see without masks.</remarks>
public static class ItemSetProbe
{
    /// <summary>Name of the view of updates that are not masked.</summary>
    public const string Plain = "plain: rows that are sent, and their direction";

    /// <summary>Name of the view of updates of which only lengths are looked at.</summary>
    public const string Lengths = "plain: lengths of rows";

    /// <summary>Name of the view of masked updates.</summary>
    public const string Masked = "masked: words of a client";

    /// <summary>Name of the view of sums, with who is in them.</summary>
    public const string Presence = "masked: sums, and who is in them";

    /// <summary>Name of the view of sums alone, which tell what is popular.</summary>
    public const string Sums = "masked: sums alone (popularity)";

    private const int LeastOfItem = 3; // clients that have met it, and that have not: fewer say nothing

    /// <summary>Watches a federation.</summary>
    /// <param name="run">How it trains; its budget is left out, as noise comes after what a server sees.</param>
    /// <param name="data">The users.</param>
    /// <param name="users">Those that take part, each as a client; at least 6.</param>
    /// <param name="cohort">Clients in a round, at least 3.</param>
    /// <param name="rounds">Rounds that are watched, at least 1.</param>
    /// <param name="masks">How updates are masked.</param>
    /// <param name="seed">Of every draw.</param>
    /// <returns>A leak for each view.</returns>
    /// <exception cref="ArgumentException">What the learner's clients send has no places of single items, or cannot be masked.</exception>
    public static IReadOnlyList<ItemSetLeak> Run(AuditedRun run, Dataset data, IReadOnlyList<int> users, int cohort, int rounds, SecureMean masks, ulong seed)
    {
        var evidence = new ItemEvidence(users.Count, data.Items.Count);
        new InProcessFederation(run.Learner, run.OptimizerOf, run.Weighting)
        {
            Aggregator = masks,
            Cohort = CohortOptions.Everybody with { Size = cohort },
            View = evidence,
        }.Train([.. users.Select(user => AuditedRun.ClientOf(data, user))], rounds, seed);
        if (!evidence.HasItems)
        {
            throw new ArgumentException($"Item sets cannot be looked for: clients of {run.Learner.Name} with these options send nothing that belongs to single items. Take mf, ncf or ease.");
        }

        if (evidence.MaskedSizes != 1)
        {
            throw new InvalidOperationException($"Masked updates had {evidence.MaskedSizes} different lengths, which tells how much a client has; they must all be as long.");
        }

        return
        [
            Leak(Plain, evidence.RowsThenDirections()), Leak(Lengths, evidence.PerRound(evidence.Lengths)), Leak(Masked, evidence.PerRound(evidence.MaskedLengths)), Leak(Presence, evidence.SumsByPresence()), Leak(Sums, evidence.SumsAlone()),
        ];

        ItemSetLeak Leak(string view, double[][] scores) => Measure(view, scores, [.. users.Select(user => data.Train.Items(user).ToArray())], evidence.Saw);
    }

    /// <summary>How much scores tell.</summary>
    /// <param name="view">Its name.</param>
    /// <param name="scores">A score for each client and item; higher is more likely met.</param>
    /// <param name="met">What each client has met, ascending.</param>
    /// <param name="saw">Whether a client was seen at all.</param>
    /// <exception cref="ArgumentException">No client was seen that has met some items and not all.</exception>
    public static ItemSetLeak Measure(string view, double[][] scores, IReadOnlyList<int[]> met, Func<int, bool> saw)
    {
        int[] seen = [.. Enumerable.Range(0, scores.Length).Where(client => saw(client) && met[client].Length > 0 && met[client].Length < scores[client].Length)];
        if (seen.Length == 0)
        {
            throw new ArgumentException("Nobody was seen who has met some items and not all: give more users or rounds.", nameof(met));
        }

        var sets = seen.ToDictionary(client => client, client => met[client].ToHashSet());
        double[] areas = [.. seen.Select(client => new RocCurve(
            met[client].Select(item => scores[client][item]), Enumerable.Range(0, scores[client].Length).Where(item => !sets[client].Contains(item)).Select(item => scores[client][item])).Area)];
        double[] ofItems = [.. Enumerable.Range(0, scores[0].Length)
            .Select(item => seen.ToLookup(client => sets[client].Contains(item), client => scores[client][item]))
            .Where(one => one[true].Count() >= LeastOfItem && one[false].Count() >= LeastOfItem)
            .Select(one => new RocCurve(one[true], one[false]).Area)];
        return new ItemSetLeak(view, Measured.MeanOf(areas), ofItems.Length == 0 ? new Measured(0.5, 0, 1) : Measured.MeanOf(ofItems), areas);
    }
}
