namespace FedRec.Grains.Training;

/// <summary>What a run must not be where a party keeps its data in a process of its own.</summary>
internal static class RemoteRules
{
    /// <exception cref="ArgumentException">A party could not take part; the message says why and what to do.</exception>
    public static void ThrowUnlessPossible(RunContext run)
    {
        var what = run.KeepsState ? $"With these options clients of {run.Request.Learner} keep something from round to round"
            : run.Request is { WarmStart: > 0 } && run.Recommended.TakesChanges ? $"A warm start of {run.Request.Learner} counts what has changed since a version"
            : run.LongestWait > 0 ? "In mode async in real time updates wait for later rounds" : null;
        if (what is not null)
        {
            throw new ArgumentException($"{what}, which parties with a process of their own do not do yet. Leave that out, or take a federation without such parties.");
        }
    }
}
