using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;

namespace FedRec.Cli.Demo;

/// <summary>One line of JSON for each recommendation: what was offered to whom, by which model, under which rule and why.</summary>
/// <remarks>Appended to a file in the user's own data folder; customers stand in it under the pseudonym that the bank gave.</remarks>
internal static class AuditLog
{
    /// <summary>Adds lines.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="CliException">The file cannot be written; then no recommendation may be shown.</exception>
    public static string Append(CommandContext context, string federation, ModelManifest model, IEnumerable<(string Customer, RecommendedItem Item)> shown)
    {
        var file = Path.Combine(DataHome.Folder(context.Terminal), $"audit-{federation}.jsonl");
        var lines = shown.Select(one => Json.Line(new
        {
            at = DateTimeOffset.UtcNow,
            federation,
            customer = one.Customer,
            offer = one.Item.Item,
            one.Item.Rank,
            one.Item.Score,
            modelVersion = model.Version,
            modelSha256 = model.Sha256,
            rule = one.Item.Condition ?? "none",
            because = one.Item.Reasons.Select(reason => new { reason.Title, reason.Part }).ToList(),
        }));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.AppendAllLines(file, lines);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failed, $"The audit file {file} cannot be written: {e.Message}", "Make it writable, or set FEDREC_DATA_HOME; without an audit line nothing is recommended.", e);
        }

        return file;
    }
}
