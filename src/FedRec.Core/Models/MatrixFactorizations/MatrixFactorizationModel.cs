using FedRec.Core.Models.LinearAlgebra;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>Item factors V of one version with the two sums over all items that every fold-in needs.</summary>
internal sealed class MatrixFactorizationModel : PreparedModel
{
    /// <summary>Works the sums out; costs items × dims² multiply-adds.</summary>
    public MatrixFactorizationModel(ReadOnlyMemory<float> parameters, int dims)
        : base(parameters)
    {
        var table = parameters.Span;
        Gram = new float[dims * dims];
        LinearAlgebra.Gram.AddUpper(table, dims, Gram);
        ItemSum = new float[dims];
        for (var start = 0; start < table.Length; start += dims)
        {
            VectorKernels.AddScaled(table.Slice(start, dims), 1, ItemSum);
        }
    }

    /// <summary>VᵀV, dims × dims; upper triangle only.</summary>
    public float[] Gram { get; }

    /// <summary>Sum of all item vectors.</summary>
    public float[] ItemSum { get; }
}
