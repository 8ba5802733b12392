namespace FedRec.Core.Models.NeuralCollaborativeFiltering;

/// <summary>How a user embedding p and an item embedding q become a score (He et al. 2017, arXiv:1708.05031, §3).</summary>
public enum NeuralModel
{
    /// <summary>Generalised matrix factorisation: a learnt weighted sum of p ⊙ q (equation 9).</summary>
    Gmf,

    /// <summary>A tower of ReLU layers over p and q side by side (equation 10).</summary>
    Mlp,

    /// <summary>The sum of both, each with embeddings of its own (equation 12).</summary>
    NeuMf,
}
