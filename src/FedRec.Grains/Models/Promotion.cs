using System.Globalization;
using FedRec.Contracts.Models;

namespace FedRec.Grains.Models;

/// <summary>Decides whether a version is put in use when it is published.</summary>
/// <remarks>Compared is what each version was measured at when it was published, on validation items: test items decide nothing. A version is held to the
/// best of those that were in use since somebody last chose one (promoted, rolled back, or asked for it in any case), and not to its predecessor alone:
/// else every run could be a little worse than the one before it, and all of them together much.</remarks>
internal static class Promotion
{
    /// <summary>The metric by which versions are compared, and runs find their best round.</summary>
    public const string Metric = "ndcg@10";

    /// <summary>What a new version's NDCG@10 may be lower than the bar. Equal settings under another seed differ by about
    /// this much on a thousand users, so a smaller difference is no reason to keep an older version.</summary>
    public const double Tolerance = 0.005;

    /// <summary>Decides for a version that is ready to be committed.</summary>
    /// <param name="policy">What its run asked for.</param>
    /// <param name="candidate">The version.</param>
    /// <param name="serving">The version in use; null when there is none.</param>
    /// <param name="bar">The bar of the version in use; null for its own metric.</param>
    public static PromotionDecision Decide(PromotionPolicy policy, ModelManifest candidate, ModelManifest? serving, PromotionBar? bar = null)
    {
        var before = serving?.Version ?? 0;
        return policy switch
        {
            PromotionPolicy.Always => new(true, "the run asked for it to be put in use in any case", before),
            PromotionPolicy.Never => new(false, "the run asked for it to be kept aside", before),
            _ when serving is null => new(true, "no version was in use", before),
            _ => Compare(candidate, serving, bar),
        };
    }

    /// <summary>The bar that stands once a version has been put in use.</summary>
    /// <returns>Null when it is the version's own metric: it is the best, cannot be compared with the best, or was asked for in any case.</returns>
    public static PromotionBar? BarAfter(PromotionPolicy policy, ModelManifest promoted, ModelManifest? serving, PromotionBar? bar) =>
        policy == PromotionPolicy.IfBetter && MetricOf(promoted) is { } own && serving is not null
        && Highest(serving, bar) is { } highest && highest.DataSha256 == own.DataSha256 && highest.Value > own.Value ? highest : null;

    private static PromotionDecision Compare(ModelManifest candidate, ModelManifest serving, PromotionBar? bar)
    {
        var (own, other) = (MetricOf(candidate), Highest(serving, bar));
        if (own is null || other is null || own.DataSha256.Length == 0 || own.DataSha256 != other.DataSha256)
        {
            var why = own is null ? "it has no validation metric"
                : other is null ? $"version {serving.Version}, in use before, has no validation metric"
                : $"it was validated on other data than version {serving.Version}, in use before";
            return new(true, $"{why}, so they were not compared", serving.Version);
        }

        var holds = own.Value >= other.Value - Tolerance;
        return new(holds, $"its validation NDCG@10 is {Text(own.Value)}, and {Words(other, serving.Version, holds)}", serving.Version);
    }

    private static string Words(PromotionBar bar, long serving, bool holds) => bar.Version == serving
        ? $"that of version {serving}{(holds ? ", in use before," : ", which stays in use,")} {Text(bar.Value)}"
        : $"{Text(bar.Value)} is the best of those in use since one was last chosen by hand (version {bar.Version}){(holds ? "" : $"; version {serving} stays in use")}";

    private static PromotionBar? Highest(ModelManifest serving, PromotionBar? bar) =>
        MetricOf(serving) is { } own ? bar is not null && bar.DataSha256 == own.DataSha256 && bar.Value > own.Value ? bar : own : null;

    private static PromotionBar? MetricOf(ModelManifest version) =>
        version.Measurements.FirstOrDefault(one => one.Split == "validation" && one.Metrics.ContainsKey(Metric)) is { } found
            ? new PromotionBar(version.Version, found.Metrics[Metric], found.DataSha256) : null;

    private static string Text(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}

/// <summary>What a new version is held to: the best validation metric of the versions in use since somebody last chose one. It outlives its version.</summary>
/// <param name="Version">Whose metric it is.</param>
/// <param name="Value">Its NDCG@10 on validation items.</param>
/// <param name="DataSha256">Hash of the data; only what was measured on the same is compared.</param>
[GenerateSerializer, Immutable, Alias("fedrec.state.promotion-bar")]
internal sealed record PromotionBar(
    [property: Id(0)] long Version,
    [property: Id(1)] double Value,
    [property: Id(2)] string DataSha256);
