namespace FedRec.Core.Models.NeuralCollaborativeFiltering;

/// <summary>What a client's share of the loss is.</summary>
public enum NeuralLoss
{
    /// <summary>Cross-entropy of each own item against the drawn items together: a softmax over the own and the drawn items,
    /// in which a drawn item stands for all that were not drawn (Jean et al. 2015, arXiv:1412.2007).</summary>
    Softmax,

    /// <summary>Binary cross-entropy of each own and each drawn item (He et al. 2017, equation 7).</summary>
    Logistic,
}
