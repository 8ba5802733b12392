using FedRec.Cli.Output;
using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Commands;

/// <summary>What <c>eval</c> found.</summary>
internal sealed record EvalAnswer(
    EvalRequest Request, string Protocol, EvaluationRecord Model, EvaluationRecord? Rival, IReadOnlyList<EvaluationRecord> Others, ComparisonRecord? Comparison)
{
    private long Version => Request.Manifest.Version;

    public object ToJson() => new
    {
        federation = Request.Federation,
        version = Version,
        Request.Manifest.Sha256,
        protocol = Protocol,
        Model.Users,
        Model.Metrics,
        Model.Quantiles,
        Model.Groups,
        Model.UnknownItems,
        Model.UnknownHeldOut,
        baselines = Others.ToDictionary(o => o.Name, o => o.Metrics),
        comparison = Comparison,
    };

    public ResultTable[] ToTables()
    {
        EvaluationRecord[] others = Rival is null ? [.. Others] : [Rival with { Name = $"{Rival.Name}, version {Request.Against!.Version}" }, .. Others];
        var quality = EvaluationTable.Of($"{Request.Federation}, model version {Version}, {Text.Count(Model.Users)} users", Protocol, [Model, .. others]);
        if (Model.UnknownItems > 0)
        {
            quality.Notes.Add($"{Text.Count(Model.UnknownItems)} items came after this version, which never recommends them; {Text.Count(Model.UnknownHeldOut)} held-out interactions with them count as not found.");
        }

        return
        [
            quality,
            .. Model.Groups.IsDefaultOrEmpty ? (ResultTable[])[] : [GroupTable.Of(Model, others)],
            .. Comparison is null ? (ResultTable[])[] : [ComparisonTable.Of(Comparison)],
        ];
    }
}
