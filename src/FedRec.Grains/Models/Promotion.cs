using System.Globalization;
using FedRec.Contracts.Models;

namespace FedRec.Grains.Models;

/// <summary>Decides whether a version is put in use when it is published.</summary>
/// <remarks>Compared is what each version was measured at when it was published, on validation items: test items decide nothing.</remarks>
internal static class Promotion
{
    /// <summary>The metric by which versions are compared, and runs find their best round.</summary>
    public const string Metric = "ndcg@10";

    /// <summary>What a new version's NDCG@10 may be lower than that of the version in use. Equal settings under another seed differ by about
    /// this much on a thousand users, so a smaller difference is no reason to keep an older version.</summary>
    public const double Tolerance = 0.005;

    /// <summary>Decides for a version that is ready to be committed.</summary>
    /// <param name="policy">What its run asked for.</param>
    /// <param name="candidate">The version.</param>
    /// <param name="serving">The version in use; null when there is none.</param>
    public static PromotionDecision Decide(PromotionPolicy policy, ModelManifest candidate, ModelManifest? serving)
    {
        var before = serving?.Version ?? 0;
        return policy switch
        {
            PromotionPolicy.Always => new(true, "the run asked for it to be put in use in any case", before),
            PromotionPolicy.Never => new(false, "the run asked for it to be kept aside", before),
            _ when serving is null => new(true, "no version was in use", before),
            _ => Compare(candidate, serving),
        };
    }

    private static PromotionDecision Compare(ModelManifest candidate, ModelManifest serving)
    {
        var (own, other) = (Find(candidate), Find(serving));
        if (own is null || other is null || own.DataSha256.Length == 0 || own.DataSha256 != other.DataSha256)
        {
            var why = own is null ? "it has no validation metric"
                : other is null ? $"version {serving.Version}, in use before, has no validation metric"
                : $"it was validated on other data than version {serving.Version}, in use before";
            return new(true, $"{why}, so they were not compared", serving.Version);
        }

        var (value, bar) = (own.Metrics[Metric], other.Metrics[Metric]);
        var holds = value >= bar - Tolerance;
        return new(holds, string.Create(CultureInfo.InvariantCulture, $"its validation NDCG@10 is {value:F4}, and that of version {serving.Version}{(holds ? ", in use before," : ", which stays in use,")} {bar:F4}"), serving.Version);
    }

    private static ModelMeasurement? Find(ModelManifest manifest) =>
        manifest.Measurements.FirstOrDefault(one => one.Split == "validation" && one.Metrics.ContainsKey(Metric));
}
