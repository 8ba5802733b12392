using System.Globalization;
using System.Text.Json.Serialization;

namespace FedRec.Contracts.Privacy;

/// <summary>Differential privacy of the models that a run makes, for each of its clients (one more or less of them): their updates are clipped to
/// <see cref="Runs.RoundSettings.ClipNorm"/>, they are drawn by secret coins, and noise is added to each round's sum.</summary>
/// <remarks>What is hidden is a client's part in the models, from whoever has any or all of them. The silos see each update; metrics are of held-out interactions, which no noise hides.</remarks>
[GenerateSerializer, Immutable, Alias("fedrec.privacy-settings")]
public sealed record PrivacySettings
{
    /// <summary>δ where none is given: 1e-5.</summary>
    public const double UsualDelta = 1e-5;

    /// <summary><see cref="Noise"/> of the server: it sees each sum, and adds noise before it steps.</summary>
    public const string Central = "central";

    /// <summary><see cref="Noise"/> of all clients together: each adds a share of it, under masks.</summary>
    public const string Distributed = "distributed";

    /// <summary><see cref="Noise"/> of each client: each adds all of it.</summary>
    public const string Local = "local";

    [Id(4)] private readonly string? _noise;

    /// <summary>The most ε that the run may spend, greater than 0 and at most 1,000: it ends before a round that would spend more.</summary>
    [Id(0)] public required double Epsilon { get; init; }

    /// <summary>δ, in (0, 1) and below 1 / clients. Default: 1e-5.</summary>
    [Id(1)] public double Delta { get; init; } = UsualDelta;

    /// <summary>Standard deviation of the noise as a multiple of the clip norm; 0 for the smallest with which all rounds of the run spend no more than ε. Default: 0.</summary>
    [Id(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public double NoiseMultiplier { get; init; }

    /// <summary>Share of the clients whose updates shall be no longer than the clip norm, in (0, 1): the norm begins at <see cref="Runs.RoundSettings.ClipNorm"/> and moves to that quantile of their lengths, by a count
    /// that has a hundredth of the budget; <see cref="NoiseMultiplier"/> is that of both together. Null for a norm that stays. Default: null.</summary>
    [Id(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? ClipQuantile { get; init; }

    /// <summary>Whose noise it is: <see cref="Distributed"/>, with aggregator secure-mean; <see cref="Local"/>; null for <see cref="Central"/>, which is the same. With noise of clients a round is charged before it is opened, as if
    /// every client were in it: whoever runs it knows who is. Default: null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Noise
    {
        get => _noise;
        init => _noise = value == Central ? null : value;
    }
}

/// <summary>What a version says of the privacy of the clients it was trained with: (ε, δ)-differential privacy for each client, of all models of its run together.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.privacy-statement")]
public sealed record PrivacyStatement
{
    /// <summary>ε of all releases of the run up to this version.</summary>
    [Id(0)] public double Epsilon { get; init; }

    /// <summary>δ.</summary>
    [Id(1)] public double Delta { get; init; }

    /// <summary>ε of all releases of all private runs of the federation up to this version, at the same δ.</summary>
    [Id(2)] public double FederationEpsilon { get; init; }

    /// <summary>Releases of the run, one for each round whose sum was used.</summary>
    [Id(3)] public long Releases { get; init; }

    /// <summary>Standard deviation of the noise as a multiple of the clip norm; the smallest, where rounds had different ones.</summary>
    [Id(4)] public double NoiseMultiplier { get; init; }

    /// <summary>Chance of each client to be drawn for a round; the greatest, where it was different.</summary>
    [Id(5)] public double Rate { get; init; }

    /// <summary>L2 norm that no client's update exceeded; of one that adapts (<see cref="PrivacySettings.ClipQuantile"/>), where it stands at this version.</summary>
    [Id(6)] public double ClipNorm { get; init; }

    /// <summary>In a sentence without a full stop, for people.</summary>
    public string ToWords() => string.Create(CultureInfo.InvariantCulture,
        $"ε {Epsilon:0.###} at δ {Delta} for each client, of all models of the run so far: {Releases:N0} releases with noise of at least {NoiseMultiplier:0.###} × clip norm {ClipNorm:0.###}, each client drawn with chance {Rate:0.####}")
        + (FederationEpsilon > Epsilon ? string.Create(CultureInfo.InvariantCulture, $"; with the federation's other private runs ε {FederationEpsilon:0.###}") : "");
}
