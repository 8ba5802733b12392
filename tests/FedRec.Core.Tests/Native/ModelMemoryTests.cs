using FedRec.Core.Native;

namespace FedRec.Core.Tests.Native;

/// <summary>The lengths are used by no other test: the arrays are those of the process.</summary>
public sealed class ModelMemoryTests
{
    [Fact]
    public void Rent_AfterAReturn_GivesTheSameArrayOnce()
    {
        var array = ModelMemory.Rent<long>(1_237);
        ModelMemory.Return(array);

        Assert.Same(array, ModelMemory.Rent<long>(1_237));
        Assert.NotSame(array, ModelMemory.Rent<long>(1_237));
    }

    [Fact]
    public void Rent_AnotherLengthOrElement_GivesAnotherArray()
    {
        ModelMemory.Return(new long[1_239]);

        Assert.Equal(1_240, ModelMemory.Rent<long>(1_240).Length);
        Assert.Equal(1_239, ModelMemory.Rent<double>(1_239).Length);
    }

    [Fact]
    public void RentZeros_AfterAnArrayThatWasWritten_GivesZeros()
    {
        ModelMemory.Return(Enumerable.Repeat(7f, 1_241).ToArray());

        Assert.All(ModelMemory.RentZeros<float>(1_241), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Return_PartOfAnArray_KeepsNothing()
    {
        var array = new float[1_243];

        ModelMemory.Return<float>(array.AsMemory(1));
        ModelMemory.Return<float>(array.AsMemory(0, 1_242));

        Assert.NotSame(array, ModelMemory.Rent<float>(1_242));
        Assert.NotSame(array, ModelMemory.Rent<float>(1_243));
    }

    [Fact]
    public void Return_MoreThanTheBound_KeepsNoMoreThanIt()
    {
        const int Length = (1 << 21) + 11; // bytes
        for (var i = 0; i < 100; i++)
        {
            ModelMemory.Return(GC.AllocateUninitializedArray<byte>(Length));
        }

        Assert.InRange(ModelMemory.Kept, 1, ModelMemory.MostKept);
        for (var i = 0; i < 100; i++)
        {
            _ = ModelMemory.Rent<byte>(Length); // for the other tests
        }
    }

    [Fact]
    public void Return_AVeryLargeArray_IsNotKept()
    {
        var array = GC.AllocateUninitializedArray<byte>((int)(ModelMemory.MostKept / 4) + 1);

        ModelMemory.Return(array);

        Assert.NotSame(array, ModelMemory.Rent<byte>(array.Length));
    }
}
