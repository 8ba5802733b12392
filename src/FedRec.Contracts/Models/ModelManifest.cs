using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace FedRec.Contracts.Models;

/// <summary>What a model version is and where it comes from; immutable once committed.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.model-manifest")]
public sealed record ModelManifest
{
    /// <summary>Federation it belongs to.</summary>
    [Id(0)] public required string Federation { get; init; }

    /// <summary>Version from 1.</summary>
    [Id(1)] public required long Version { get; init; }

    /// <summary>Version the training went on from; 0 for freshly initialised parameters.</summary>
    [Id(2)] public long Parent { get; init; }

    /// <summary>Name of the learner.</summary>
    [Id(3)] public required string Learner { get; init; }

    /// <summary>Run that published it.</summary>
    [Id(4)] public required string RunId { get; init; }

    /// <summary>The committed round whose parameters it holds.</summary>
    [Id(5)] public int Round { get; init; }

    /// <summary>SHA-256 of the tensors file, lower-case hexadecimal.</summary>
    [Id(6)] public required string Sha256 { get; init; }

    /// <summary>SHA-256 of the server optimizer's state file, of versions that a run could go on from; empty for later ones.</summary>
    [Id(7)] public string StateSha256 { get; init; } = "";

    /// <summary>SHA-256 of the run request, so that equal runs can be told.</summary>
    [Id(8)] public required string ConfigSha256 { get; init; }

    /// <summary>Tensors with their shapes.</summary>
    [Id(9)] public ImmutableArray<TensorShape> Tensors { get; init; } = [];

    /// <summary>Clients counted in that round.</summary>
    [Id(10)] public int Participants { get; init; }

    /// <summary>No longer used, and empty: it held what was measured last before the version was published, which is another model.
    /// See <see cref="Measurements"/>.</summary>
    [Id(11)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>When it was published.</summary>
    [Id(12)] public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Privacy budget spent; null without differential privacy.</summary>
    [Id(13)] public double? EpsilonSpent { get; init; }

    /// <summary>Bytes of the tensors file.</summary>
    [Id(14)] public long Bytes { get; init; }

    /// <summary>SHA-256 of the data it was trained and measured on, whatever file and format that came from; empty for versions of before this was known.</summary>
    [Id(15)] public string DataSha256 { get; init; } = "";

    /// <summary>SHA-256 of the catalogue file, which says what the rows of the tensors are of; empty for versions of before there was one.</summary>
    [Id(16)] public string CatalogueSha256 { get; init; } = "";

    /// <summary>The learner's options, all of them with the values that held; empty for versions of before this was kept.</summary>
    [Id(17)] public ImmutableSortedDictionary<string, string> LearnerOptions { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>SHA-256 of the file of weights that follow from the tensors and are kept with them; empty where there are none, or for versions of before they were kept.</summary>
    [Id(18)] public string WeightsSha256 { get; init; } = "";

    /// <summary>How users voted on options that they choose: the best of each kind in words, with the sum of its votes. Empty where nobody votes, and for versions
    /// of before this was kept.</summary>
    [Id(19)] public ImmutableSortedDictionary<string, double> Votes { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>What was measured of this very version before it was published, at most once for each split; empty for versions of older programs.</summary>
    [Id(20)] public ImmutableArray<ModelMeasurement> Measurements { get; init; } = [];

    /// <summary>What whoever has the version can learn of any one client at most; null without differential privacy.</summary>
    [Id(21)] public Privacy.PrivacyStatement? Privacy { get; init; }
}

/// <summary>A tensor's name and shape.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.tensor-shape")]
public sealed record TensorShape(
    [property: Id(0)] string Name,
    [property: Id(1)] int Rows,
    [property: Id(2)] int Columns);

/// <summary>Quality of exactly one version's parameters, and what it was measured on.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.model-measurement")]
public sealed record ModelMeasurement
{
    /// <summary><c>validation</c> or <c>test</c>: the held-out items that were ranked.</summary>
    [Id(0)] public required string Split { get; init; }

    /// <summary>How they were held out, in words.</summary>
    [Id(1)] public string Protocol { get; init; } = "";

    /// <summary>SHA-256 of the data with its split: measurements of equal hashes can be compared.</summary>
    [Id(2)] public string DataSha256 { get; init; } = "";

    /// <summary>Users measured.</summary>
    [Id(3)] public int Users { get; init; }

    /// <summary>Means over the users by name, such as <c>ndcg@10</c>.</summary>
    [Id(4)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;
}

/// <summary>When the version that a run publishes at its end is put in use.</summary>
[GenerateSerializer, Alias("fedrec.promotion-policy")]
public enum PromotionPolicy
{
    /// <summary>Unless its validation NDCG@10 is below the best of the versions that were in use since somebody last chose one, by more than 0.005, measured
    /// on the same data. What cannot be compared is put in use.</summary>
    [JsonStringEnumMemberName("if-better")]
    IfBetter = 0,

    /// <summary>In any case.</summary>
    [JsonStringEnumMemberName("always")]
    Always = 1,

    /// <summary>In no case; somebody may promote it later.</summary>
    [JsonStringEnumMemberName("never")]
    Never = 2,
}

/// <summary>Whether a version was put in use when it was published, and why.</summary>
/// <param name="Promoted">It was put in use.</param>
/// <param name="Reason">For people: a sentence without a full stop.</param>
/// <param name="Before">Version in use before; 0 for none.</param>
[GenerateSerializer, Immutable, Alias("fedrec.promotion-decision")]
public sealed record PromotionDecision(
    [property: Id(0)] bool Promoted,
    [property: Id(1)] string Reason,
    [property: Id(2)] long Before);
