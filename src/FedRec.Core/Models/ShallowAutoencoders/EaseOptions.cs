namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>Settings of the learner <c>ease</c>.</summary>
public sealed record EaseOptions
{
    /// <summary>L2 penalty λ of the item weights, in the unit of counts; 0 has validation users choose it. Default: 500.</summary>
    public double Lambda { get; init; } = 500;

    /// <summary>Share of a user's items that is taken as unknown when the weights are solved for, in [0, 1): right where held-out items are a large
    /// part of few, as products of a bank's customers are. It changes no statistics. Default: 0, which is EASE.</summary>
    public double ItemDropout { get; init; }

    /// <summary>Columns of the sketch that stands for the item–item counts, up to 8,192; 0 keeps every count and is exact. Default: 0.</summary>
    public int Sketch { get; init; }
}
