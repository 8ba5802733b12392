using FedRec.Contracts.Runs;
using FedRec.Core.Data;

namespace FedRec.Grains.Runs;

/// <summary>What can be said of a request without a silo, in the words in which a federation refuses it.</summary>
public static class RequestChecks
{
    /// <summary>Checks what does not need the data.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message says which and what is allowed.</exception>
    public static void Validate(RunRequest request)
    {
        var whole = RunRequests.WithDefaults(request);
        RunRequests.Validate(whole);
        RunRequests.ThrowIfUseless(whole);
    }

    /// <summary>How the silos will read the data of a request.</summary>
    /// <exception cref="ArgumentException">A word among the options is not known.</exception>
    public static DatasetOptions DataOf(RunRequest request) => RunRequests.ToDatasetOptions(request.Data);
}
