using System.Numerics;
using FedRec.Core.Aggregation;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Aggregation;

public sealed class WideNumberTests
{
    [Theory]
    [InlineData(1e15, -1e15, 0)]
    [InlineData(1e15, 1e-6, 1e15)]
    [InlineData(-1e30, 3, -1e30)]
    [InlineData(1e-6, 2e-6, 3e-6)]
    [InlineData(0.1, -0.3, -0.2)]
    public void Sum_OfClients_IsExact(double one, double other, double expected)
    {
        var sum = new FixedPointSum(WideNumber.Limbs);
        foreach (var value in new[] { one, other })
        {
            var buffer = new UpdateBuffer();
            WideNumber.Write(WideNumber.Of(value), buffer.Segment(0, WideNumber.Limbs));
            Assert.True(sum.TryAdd(buffer, 1, 0, 1));
        }

        Assert.Equal(WideNumber.Of(one) + WideNumber.Of(other), WideNumber.Read(sum.Values));
        Assert.Equal(expected, WideNumber.ToDouble(WideNumber.Read(sum.Values)), 1e-15 * Math.Max(1, Math.Abs(expected)));
    }

    [Fact]
    public void Write_TooLargeANumber_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WideNumber.Write(BigInteger.Pow(2, 192), new float[WideNumber.Limbs]));

    [Fact]
    public void Of_NoNumber_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => WideNumber.Of(double.NaN));
}
