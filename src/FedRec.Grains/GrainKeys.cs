using System.Globalization;

namespace FedRec.Grains;

/// <summary>How grain keys are put together: <c>federation</c>, <c>federation/number</c> of a client, <c>federation/hash</c> of a user, <c>federation/run</c>, <c>federation/run/round</c>, <c>federation/run/region-number</c>.</summary>
internal static class GrainKeys
{
    public static string Client(string federation, int number) => string.Create(CultureInfo.InvariantCulture, $"{federation}/{number}");

    public static string User(string federation, string user) => $"{federation}/{user}";

    public static string UserOf(string key) => key[(key.LastIndexOf('/') + 1)..];

    public static int ClientNumber(string key) => int.Parse(key.AsSpan(key.LastIndexOf('/') + 1), CultureInfo.InvariantCulture);

    public static string Run(string federation, string runId) => $"{federation}/{runId}";

    /// <summary>The id of a federation's n-th run, from 1.</summary>
    public static string NthRun(int number) => string.Create(CultureInfo.InvariantCulture, $"run-{number}");

    /// <summary>The number of a run of its federation, from a run's id or key.</summary>
    public static int RunNumber(string run) => int.Parse(run.AsSpan(run.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);

    public static string Round(string runKey, int round) => string.Create(CultureInfo.InvariantCulture, $"{runKey}/{round}");

    public static string Region(string runKey, int region) => string.Create(CultureInfo.InvariantCulture, $"{runKey}/region-{region}");

    /// <summary>The region of a client, from 1; 0 where a run has none.</summary>
    public static int RegionOf(int client, int regions) => regions == 0 ? 0 : (client % regions) + 1;

    /// <summary>The federation of a run's key.</summary>
    public static string Federation(string runKey) => runKey[..runKey.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>The run's id of its key.</summary>
    public static string RunId(string runKey) => runKey[(runKey.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
