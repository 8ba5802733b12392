using FedRec.Contracts.Models;

namespace FedRec.Web.Api;

/// <summary>Versions of a federation's model.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Latest">Highest version; 0 when there is none.</param>
/// <param name="Serving">Version in use; 0 when there is none.</param>
/// <param name="Previous">The version that was in use before it, which a rollback puts back; 0 for none.</param>
/// <param name="Versions">Kept versions, newest first.</param>
public sealed record ModelsView(string Federation, long Latest, long Serving, long Previous, IReadOnlyList<ModelLineView> Versions)
{
    internal static ModelsView From(string federation, ModelSummary summary) => new(
        federation, summary.Latest, summary.Serving, summary.Previous,
        [.. summary.Versions.Reverse().Select(v =>
            new ModelLineView(v.Version, v.Learner, v.RunId, v.Round, v.Sha256, v.CreatedAt, v.Version == summary.Serving, v.Pinned, v.Promotion))]);
}

/// <summary>One version in a list.</summary>
/// <param name="Version">From 1.</param>
/// <param name="Learner">Its learner.</param>
/// <param name="Run">Run that published it.</param>
/// <param name="Round">Round that published it.</param>
/// <param name="Sha256">SHA-256 of its tensors.</param>
/// <param name="CreatedAt">When it was published.</param>
/// <param name="Serving">Whether it is in use.</param>
/// <param name="Pinned">Whether it is kept whatever is published later.</param>
/// <param name="Promotion">Whether it was put in use when it was published, and why; null where that was not recorded.</param>
public sealed record ModelLineView(
    long Version,
    string Learner,
    string Run,
    int Round,
    string Sha256,
    DateTimeOffset CreatedAt,
    bool Serving,
    bool Pinned,
    PromotionDecision? Promotion);

/// <summary>One version in full.</summary>
/// <param name="Manifest">What it is and where it comes from.</param>
/// <param name="Serving">Whether it is in use.</param>
/// <param name="Content">Where its safetensors file is.</param>
/// <param name="Pinned">Whether it is kept whatever is published later.</param>
/// <param name="Promotion">Whether it was put in use when it was published, and why; null where that was not recorded.</param>
public sealed record ModelView(ModelManifest Manifest, bool Serving, string Content, bool Pinned, PromotionDecision? Promotion);

/// <summary>The version in use after a change.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Serving">The version.</param>
public sealed record ServingView(string Federation, long Serving);

/// <summary>Whether a version is kept whatever is published later.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Version">The version.</param>
/// <param name="Pinned">Whether it is pinned now.</param>
public sealed record PinView(string Federation, long Version, bool Pinned);
