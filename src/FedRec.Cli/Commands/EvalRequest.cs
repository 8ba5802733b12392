using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Commands;

/// <summary>What <c>eval</c> is asked.</summary>
internal sealed record EvalRequest(string Federation, ModelManifest Manifest, ComparedWith? Against, int[] Cutoffs, string[] BaselineNames, bool Sampled, bool Shared)
{
    public async Task<EvalAnswer> AnswerAsync(IGrainFactory grains, Action<string> say, CancellationToken cancellationToken)
    {
        var evaluation = grains.GetGrain<IEvaluationGrain>(Federation);
        var model = await EvaluateAsync(evaluation, Manifest.Version, cancellationToken);
        var comparison = Against is null ? null : await evaluation.CompareAsync(Manifest.Version, Against, [.. Cutoffs], cancellationToken) ?? throw Gone(Against.Version);
        var rival = Against is { Baseline: null } ? await EvaluateAsync(evaluation, Against.Version, cancellationToken) : null;
        var names = Baselines.Known.Where(name => BaselineNames.Contains(name) || name == Against?.Baseline);
        var others = await Baselines.EvaluateAsync(evaluation, Manifest.RunId, names, Cutoffs, say, cancellationToken, Sampled);
        var status = await grains.GetGrain<IRunGrain>($"{Federation}/{Manifest.RunId}").GetStatusAsync(cancellationToken);
        return new EvalAnswer(this, status?.Protocol ?? "", model, rival, others, comparison);
    }

    private async Task<EvaluationRecord> EvaluateAsync(IEvaluationGrain evaluation, long version, CancellationToken cancellationToken) => (Shared
        ? await evaluation.EvaluateSharedAsync(version, [.. Cutoffs], cancellationToken)
        : Sampled
        ? await evaluation.EvaluateSampledAsync(version, [.. Cutoffs], cancellationToken)
        : await evaluation.EvaluateAsync(version, [.. Cutoffs], cancellationToken)) ?? throw Gone(version);

    private static CliException Gone(long version) => new(ExitCode.Failed, $"There is no model version {version}.", "fedrec model list shows the versions.");
}
