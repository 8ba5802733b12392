namespace FedRec.Core.Data.Features;

/// <summary>What kind of label is predicted.</summary>
public enum LabelKind
{
    /// <summary>A number.</summary>
    Regression,

    /// <summary>One of two classes.</summary>
    Binary,

    /// <summary>One of several classes.</summary>
    Multiclass,
}

/// <summary>What is predicted from the features of a row.</summary>
/// <remarks>A labelled table is a dataset whose users are the rows. The items of a classification are its classes, of which each row has met
/// one; a regression has one item, which each row has rated with its label. Rounds, versions, serving and evaluation then need not tell it from
/// other data.</remarks>
/// <param name="Kind">What the label is.</param>
/// <param name="Positive">The class that AUC, recall and precision are about; −1 for a regression.</param>
/// <param name="Lowest">The smallest label of a regression.</param>
/// <param name="Highest">The largest label of a regression, above <paramref name="Lowest"/>.</param>
public sealed record LabelTask(LabelKind Kind, int Positive = -1, float Lowest = 0, float Highest = 1);
