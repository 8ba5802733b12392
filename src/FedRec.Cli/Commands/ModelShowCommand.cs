using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Contracts.Models;

namespace FedRec.Cli.Commands;

/// <summary><c>model show</c>: what a version is and where it comes from.</summary>
internal static class ModelShowCommand
{
    public static Command Create(Terminal terminal)
    {
        var version = ModelCommand.Version("Version; without it, the one in use.");
        version.Arity = ArgumentArity.ZeroOrOne;
        var command = new Command("show", "Shows one version: learner, lineage, hash, tensors, metrics.") { version };
        return ModelCommand.Look(terminal, command, async (context, models, federation, cancellationToken) =>
        {
            var manifest = await VerbSession.ManifestAsync(models, federation, context.Value(version), cancellationToken);
            var summary = await models.GetSummaryAsync(federation, cancellationToken);
            context.Write(manifest, Table(manifest, summary.Versions.FirstOrDefault(line => line.Version == manifest.Version), summary.Serving));
        });
    }

    private static ResultTable Table(ModelManifest manifest, ModelVersionLine? line, long serving)
    {
        var table = new ResultTable($"{manifest.Federation}, model version {manifest.Version}", "field", "value")
            .Add("learner", manifest.Learner)
            .Add("run", $"{manifest.RunId}, round {manifest.Round}, {manifest.Participants} participants")
            .Add("parent", manifest.Parent == 0 ? "none: freshly initialised" : manifest.Parent.ToString(CultureInfo.InvariantCulture))
            .Add("created", manifest.CreatedAt.ToString("u", CultureInfo.InvariantCulture))
            .Add("in use", manifest.Version == serving ? "yes" : "no")
            .Add("when published", line?.Promotion is { } promotion ? $"{(promotion.Promoted ? "put in use" : "not put in use")}: {promotion.Reason}" : "not recorded")
            .Add("pinned", line is { Pinned: true } ? "yes: it is always kept" : "no")
            .Add("sha256", manifest.Sha256)
            .Add("config sha256", manifest.ConfigSha256)
            .Add("data sha256", manifest.DataSha256.Length > 0 ? manifest.DataSha256 : "not known")
            .Add("options", manifest.LearnerOptions.IsEmpty ? "not known" : string.Join(", ", manifest.LearnerOptions.Select(option => $"{option.Key}={option.Value}")))
            .Add("privacy", manifest.Privacy?.ToWords() ?? "none: whoever has it may find out what it was trained with")
            .Add("bytes", Text.Count(manifest.Bytes));
        foreach (var (candidate, votes) in manifest.Votes.OrderByDescending(one => one.Value))
        {
            table.Add($"votes for {candidate}", Text.Fixed(votes));
        }

        foreach (var tensor in manifest.Tensors)
        {
            table.Add($"tensor {tensor.Name}", $"{tensor.Rows} × {tensor.Columns}");
        }

        foreach (var measured in manifest.Measurements)
        {
            table.Add($"measured on {measured.Split}", $"{Text.Count(measured.Users)} users; {measured.Protocol}; data {measured.DataSha256[..Math.Min(16, measured.DataSha256.Length)]}");
            foreach (var (name, value) in measured.Metrics)
            {
                table.Add($"{measured.Split} {name}", Text.Fixed(value));
            }
        }

        return manifest.Measurements.IsEmpty ? table.Add("measured on", "nothing: fedrec eval measures it") : table;
    }
}
