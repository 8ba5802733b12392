using System.Runtime.InteropServices;
using FedRec.Core.Learners.LinearAlgebra;
using FedRec.Core.Native;
using TorchSharp;

namespace FedRec.Core.Tests.Learners.LinearAlgebra;

public sealed class SymmetricInverseTests
{
    public SymmetricInverseTests() => TorchLoader.EnsureLoaded();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(700)]
    public void Invert_LowerHalf_GivesTheWholeInverse(int size)
    {
        using var scope = torch.NewDisposeScope();
        var (whole, matrix) = Positive(size);

        SymmetricInverse.Invert(matrix);

        Assert.Equal(0, (whole.mm(matrix) - torch.eye(size, size, torch.float64)).abs().max().item<double>(), 1e-10);
        Assert.Equal(0, (matrix - matrix.t()).abs().max().item<double>(), 1e-15);
        using var factor = torch.linalg.cholesky(whole);
        Assert.Equal(0, (matrix - factor.cholesky_inverse()).abs().max().item<double>(), 1e-12);
    }

    [Fact]
    public void Invert_TransposedInMemory_GivesTheSame()
    {
        using var scope = torch.NewDisposeScope();
        var (_, matrix) = Positive(600);
        var columns = matrix.t().contiguous().t();

        SymmetricInverse.Invert(matrix);
        SymmetricInverse.Invert(columns);

        Assert.Equal(0, (matrix - columns).abs().max().item<double>(), 1e-12);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(600)]
    public void Invert_NotPositiveDefinite_IsRefused(int size)
    {
        using var scope = torch.NewDisposeScope();
        var (_, matrix) = Positive(size);
        matrix[size - 1, size - 1] = torch.tensor(-1.0, torch.float64);

        Assert.Throws<ExternalException>(() => SymmetricInverse.Invert(matrix));
    }

    // A matrix, and its lower half above which there are no numbers.
    private static (torch.Tensor Whole, torch.Tensor Lower) Positive(int size)
    {
        var draws = torch.randn(size, size, torch.float64, generator: new torch.Generator(5));
        var whole = draws.mm(draws.t()).div(size).add(torch.eye(size, size, torch.float64));
        var above = torch.ones(size, size, torch.@bool).triu(1);
        return (whole, whole.masked_fill(above, double.NaN));
    }
}
