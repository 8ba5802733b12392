namespace FedRec.Core.Learners.ShallowAutoencoders;

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

/// <summary>What stands behind the counts in a version of <c>ease</c>: where its run stands, and what its users have chosen.</summary>
/// <param name="Lambda">λ; 0 while it is not chosen.</param>
/// <param name="Rounds">Rounds whose sums are in it; where a run goes on its phase says so, and a version has it as one of its numbers.</param>
/// <param name="Kernel">κ of the counts that the version has; 0 for none.</param>
/// <param name="Recency">τ that users chose; 0 for none, and where it is given.</param>
/// <param name="ItemDropout">What users chose; 0 where it is given.</param>
/// <param name="Unit">What a pair without any distance counts.</param>
/// <param name="ChosenKernel">κ that users chose so far; 0 for none.</param>
/// <param name="Votes">Sum of the votes for what is chosen.</param>
internal readonly record struct EaseSettings(
    double Lambda, int Rounds = 0, double Kernel = 0, double Recency = 0, double ItemDropout = 0, double Unit = 1, double ChosenKernel = 0, double Votes = 0)
{
    /// <summary>Numbers of a version whose λ is given and whose items have no order.</summary>
    public const int PlainLength = 2;

    /// <summary>Numbers of any other version.</summary>
    public const int Length = 8;

    /// <summary>Reads settings.</summary>
    public static EaseSettings Read(ReadOnlySpan<float> values) => values.Length == PlainLength
        ? new(values[0], (int)values[1])
        : new(values[0], (int)values[1], values[2], values[3], values[4], values[5], values[6], values[7]);

    /// <summary>Writes them at the beginning of <paramref name="values"/>.</summary>
    public void Write(Span<float> values)
    {
        ReadOnlySpan<float> all = [(float)Lambda, Rounds, (float)Kernel, (float)Recency, (float)ItemDropout, (float)Unit, (float)ChosenKernel, (float)Votes];
        all[..Math.Min(values.Length, Length)].CopyTo(values);
    }
}
