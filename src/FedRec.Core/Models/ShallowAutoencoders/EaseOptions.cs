namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>Settings of the learner <c>ease</c>.</summary>
/// <remarks>Without λ users choose it on items they hold out, and with it all else that is null, see <see cref="EaseVote"/>. With λ what is null is 0: that is Steck 2019.</remarks>
public sealed record EaseOptions
{
    /// <summary>L2 penalty λ of the item weights, in the unit of counts. Default: null.</summary>
    public double? Lambda { get; init; }

    /// <summary>Share of a user's items that is taken as unknown when the weights are solved for, in [0, 1): right where held-out items are a large
    /// part of few, as products of a bank's customers are. It changes no statistics. Default: null.</summary>
    public double? ItemDropout { get; init; }

    /// <summary>κ of the time kernel: a user's items at distance d count exp(−d/κ) as a pair; 0 counts all pairs alike. Default: null.</summary>
    public double? Kernel { get; init; }

    /// <summary>What d and κ count. Default: items, so that d is how many others of the own lie between them.</summary>
    public KernelUnit KernelUnit { get; init; }

    /// <summary>τ of recency: an own item with k newer ones weighs exp(−k/τ) in a score, in items; 0 weighs all alike. It changes no statistics. Default: null.</summary>
    public double? Recency { get; init; }

    /// <summary>Columns of the sketch that stands for the item–item counts, up to 8,192; 0 keeps every count and is exact. Default: 0.</summary>
    public int Sketch { get; init; }
}
