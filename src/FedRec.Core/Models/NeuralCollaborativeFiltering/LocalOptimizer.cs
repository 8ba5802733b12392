namespace FedRec.Core.Models.NeuralCollaborativeFiltering;

/// <summary>How a client steps.</summary>
public enum LocalOptimizer
{
    /// <summary>Plain gradient steps; L2 is part of the gradient.</summary>
    Sgd,

    /// <summary>Kingma and Ba 2015, arXiv:1412.6980; L2 is part of the gradient.</summary>
    Adam,

    /// <summary>As Adam, but L2 shrinks the parameters beside the step (Loshchilov and Hutter 2019, arXiv:1711.05101).</summary>
    AdamW,
}
