using FedRec.Contracts.Rounds;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Clients that have failed too often in a row, and are left alone for some rounds: asking them again and again only costs every round its time.</summary>
/// <remarks>In memory: after a crash each has its whole budget again. Used on the run grain's scheduler only.</remarks>
internal sealed class RestingClients(RunContext run)
{
    /// <summary>Failures in a row where the run does not say.</summary>
    public const int UsualBudget = 3;

    /// <summary>Rounds for which a client is left alone.</summary>
    public const int Rounds = 10;

    private readonly Dictionary<int, int> _failures = [];
    private readonly Dictionary<int, int> _until = [];

    private int Budget => run.Request.Rounds.ErrorBudget ?? UsualBudget;

    /// <summary>Whoever is left alone in a round.</summary>
    /// <param name="recipe">What the round is; one that needs everybody asks everybody.</param>
    /// <param name="round">The round.</param>
    public IReadOnlyCollection<int> In(RoundRecipe recipe, int round) =>
        recipe.Who == Participation.Everybody ? [] : [.. _until.Where(resting => round <= resting.Value).Select(resting => resting.Key)];

    /// <summary>Notes who has failed in a round; whoever was counted begins anew.</summary>
    public void Observe(RoundResult result)
    {
        if (Budget == 0)
        {
            return;
        }

        foreach (var client in result.Sum?.Clients ?? [])
        {
            _failures.Remove(client);
        }

        foreach (var client in result.Failed ?? [])
        {
            var failures = _failures[client] = _failures.GetValueOrDefault(client) + 1;
            if (failures >= Budget)
            {
                _failures.Remove(client);
                _until[client] = result.Record.Round + Rounds;
            }
        }
    }

    /// <summary>Whoever is asked in a synchronous round in which some are left alone; empty where nobody is, and the cohort is drawn as ever.</summary>
    /// <param name="recipe">What the round is.</param>
    /// <param name="round">The round.</param>
    /// <param name="baseVersion">As its plan has it.</param>
    public IEnumerable<AskedClient> Cohort(RoundRecipe recipe, int round, long baseVersion) => In(recipe, round) is { Count: > 0 } resting && resting.Count < run.TakingPart
        ? Draw(run.Algorithm.CohortOf(recipe).Size, round, resting).Select(client => new AskedClient(client, round, baseVersion)) : [];

    private IEnumerable<int> Draw(int size, int round, IReadOnlyCollection<int> resting) => run.Source.Hosted?.Chosen is { } chosen
        ? CohortSampler.Draw(chosen.Length, size, run.Request.Seed, round, [.. resting.Select(client => chosen.IndexOf(client))]).Select(place => chosen[place])
        : CohortSampler.Draw(run.Clients, size, run.Request.Seed, round, resting);
}

/// <summary>The deadline of a round, where it follows what was seen.</summary>
internal static class AdaptiveDeadline
{
    private const int RoundsSeen = 10;
    private const double Slack = 3;
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(1);

    /// <summary>Three times the 95th percentile of the answers in the last ten rounds, at least a second and at most the run's own deadline; that one where nothing was seen.</summary>
    /// <param name="most">The run's own deadline.</param>
    /// <param name="rounds">Its rounds, oldest first.</param>
    public static TimeSpan Of(TimeSpan most, IReadOnlyList<RoundRecord> rounds)
    {
        var slowest = rounds.Skip(rounds.Count - RoundsSeen).Select(round => round.AnswerSeconds).DefaultIfEmpty().Max();
        return slowest == 0 ? most : TimeSpan.FromSeconds(Math.Min(most.TotalSeconds, Math.Max(s_least.TotalSeconds, Slack * slowest)));
    }
}
