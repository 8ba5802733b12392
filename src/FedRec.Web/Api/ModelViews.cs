using FedRec.Contracts.Models;

namespace FedRec.Web.Api;

/// <summary>Versions of a federation's model.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Latest">Highest version; 0 when there is none.</param>
/// <param name="Serving">Version in use; 0 when there is none.</param>
/// <param name="Versions">Kept versions, newest first.</param>
public sealed record ModelsView(string Federation, long Latest, long Serving, IReadOnlyList<ModelLineView> Versions)
{
    internal static ModelsView From(string federation, ModelSummary summary) => new(
        federation, summary.Latest, summary.Serving,
        [.. summary.Versions.Reverse().Select(v =>
            new ModelLineView(v.Version, v.Learner, v.RunId, v.Round, v.Sha256, v.CreatedAt, v.Version == summary.Serving))]);
}

/// <summary>One version in a list.</summary>
/// <param name="Version">From 1.</param>
/// <param name="Learner">Its learner.</param>
/// <param name="Run">Run that published it.</param>
/// <param name="Round">Round that published it.</param>
/// <param name="Sha256">SHA-256 of its tensors.</param>
/// <param name="CreatedAt">When it was published.</param>
/// <param name="Serving">Whether it is in use.</param>
public sealed record ModelLineView(
    long Version,
    string Learner,
    string Run,
    int Round,
    string Sha256,
    DateTimeOffset CreatedAt,
    bool Serving);

/// <summary>One version in full.</summary>
/// <param name="Manifest">What it is and where it comes from.</param>
/// <param name="Serving">Whether it is in use.</param>
/// <param name="Content">Where its safetensors file is.</param>
public sealed record ModelView(ModelManifest Manifest, bool Serving, string Content);

/// <summary>The version in use after a change.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Serving">The version.</param>
public sealed record ServingView(string Federation, long Serving);
