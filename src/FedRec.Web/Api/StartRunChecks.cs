using FedRec.Contracts.Runs;

namespace FedRec.Web.Api;

/// <summary>What a request to start a run may ask of this server, before any grain hears of it.</summary>
internal static class StartRunChecks
{
    private const int MostUsers = 20_000;
    private const int MostItems = 5_000;
    private const int MostOptions = 100;

    /// <summary>The request, with paths below the data root.</summary>
    /// <exception cref="ProblemException">A name, path or size is not acceptable.</exception>
    public static RunRequest Checked(StartRunBody body, string federation, DataRoot root)
    {
        Check.Name(federation, "federation");
        if (body.WarmStartFrom is { } from)
        {
            Check.Name(from.Federation, "warmStartFrom.federation");
        }

        var data = body.Data;
        Check.Range(data.SyntheticUsers, 1, MostUsers, "data.syntheticUsers");
        Check.Range(data.SyntheticItems, 8, MostItems, "data.syntheticItems");
        Check.Range(data.Parties, 0, MostUsers, "data.parties");
        Check.Range(body.LearnerOptions.Count, 0, MostOptions, "learnerOptions.length");
        return body.ToRequest(federation) with
        {
            Data = data with
            {
                Path = root.Find(data.Path, "data.path"),
                Schema = root.Find(data.Schema, "data.schema"),
                ContextData = root.Find(data.ContextData, "data.contextData"),
            },
        };
    }
}
