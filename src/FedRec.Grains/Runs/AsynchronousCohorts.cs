using System.Collections.Immutable;
using FedRec.Contracts.Rounds;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Whoever may count in the rounds of an asynchronous run: in virtual time as its schedule has it; in real time whoever is still training, and new ones in the place of those
/// that are done.</summary>
/// <remarks>Used on the run grain's scheduler only. A run that goes on after a crash goes through the same schedule; in real time it asks anew.</remarks>
internal sealed class AsynchronousCohorts(RunContext run, RunJournal journal)
{
    private BufferedSchedule? _schedule;
    private ImmutableArray<TrainedFor> _inTraining = [];
    private double _time;

    /// <summary>Rounds from whose models clients are still training, beside the newest; none unless the run is asynchronous.</summary>
    public IEnumerable<int> InTraining => _schedule?.InTraining ?? _inTraining.Select(one => one.Round).Distinct();

    /// <summary>Whoever may count in the next round.</summary>
    /// <param name="recipe">What the round is: an asynchronous one.</param>
    /// <param name="round">The round.</param>
    /// <param name="baseVersion">As its plan has it.</param>
    /// <param name="resting">Clients that are not asked anew, in real time.</param>
    public ImmutableArray<AskedClient> Next(RoundRecipe recipe, int round, long baseVersion, IReadOnlyCollection<int> resting)
    {
        if (!run.Request.Rounds.VirtualTime)
        {
            return Fill(recipe, round, baseVersion, resting);
        }

        _schedule ??= Begin(recipe, round);
        (var asked, _time) = _schedule.Next(baseVersion);
        return asked;
    }

    /// <summary>Goes to where the run stands after a crash, so that <see cref="InTraining"/> is what it was.</summary>
    public void Restore(RoundRecipe recipe)
    {
        if (run.Algorithm.IsAsynchronous(recipe) && run.Request.Rounds.VirtualTime && FirstRound is not null)
        {
            _schedule = Begin(recipe, journal.RoundsDone + 1);
        }
    }

    /// <summary>Notes who is still training, and tells what the round took in virtual time.</summary>
    public RoundRecord Closed(RoundResult result)
    {
        _inTraining = result.InTraining ?? [];
        return result.Record.Staleness.IsEmpty ? result.Record : result.Record with { VirtualSeconds = _time * run.Request.Rounds.Deadline.TotalSeconds };
    }

    private int? FirstRound => journal.Rounds.FirstOrDefault(round => !round.Staleness.IsDefaultOrEmpty)?.Round;

    private BufferedSchedule Begin(RoundRecipe recipe, int round)
    {
        var faults = new SimulatedFaults(run.Request.Rounds.Dropout, run.Request.Rounds.Straggler);
        var schedule = run.Algorithm.Schedule(recipe, faults, FirstRound ?? round);
        while (schedule.Round < round)
        {
            schedule.Next();
        }

        return schedule;
    }

    private ImmutableArray<AskedClient> Fill(RoundRecipe recipe, int round, long baseVersion, IReadOnlyCollection<int> resting)
    {
        var waiting = _inTraining.Where(one => round - one.Round <= run.LongestWait).Select(RoundMessages.ToAsked).ToList();
        var places = run.Algorithm.CohortOf(recipe).Size - waiting.Count;
        var drawn = places > 0 ? CohortSampler.Draw(run.Clients, places, run.Request.Seed, round, [.. waiting.Select(one => one.Client), .. resting]) : [];
        return [.. waiting.Concat(drawn.Select(client => new AskedClient(client, round, baseVersion))).OrderBy(one => one.Client)];
    }
}
