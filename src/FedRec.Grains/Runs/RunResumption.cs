using System.Collections.Concurrent;

namespace FedRec.Grains.Runs;

/// <summary>Which unfinished runs a silo drives. One that serves goes on with all; one that answers a question, or trains something else, with those alone
/// that were started or taken up again on it: a question never resumes training.</summary>
/// <param name="byItself">Whether the silo goes on with runs that nobody has asked it to train.</param>
internal sealed class RunResumption(bool byItself)
{
    private readonly ConcurrentDictionary<string, bool> _asked = new();

    /// <summary>Notes that somebody wants a run to go on.</summary>
    public void Ask(string runKey) => _asked[runKey] = true;

    /// <summary>Whether a run goes on when its grain is activated or reminded.</summary>
    public bool Allows(string runKey) => byItself || _asked.ContainsKey(runKey);
}
