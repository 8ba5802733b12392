using System.Collections.Immutable;

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
}

/// <summary>A tensor's name and shape.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.tensor-shape")]
public sealed record TensorShape(
    [property: Id(0)] string Name,
    [property: Id(1)] int Rows,
    [property: Id(2)] int Columns);
