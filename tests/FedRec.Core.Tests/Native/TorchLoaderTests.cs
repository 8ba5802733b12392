using System.Runtime.InteropServices;
using FedRec.Core.Native;
using static TorchSharp.torch;

namespace FedRec.Core.Tests.Native;

[Collection(nameof(TorchCollection))]
public sealed class TorchLoaderTests
{
    [Fact]
    public void EnsureLoaded_AgainAndFromManyThreads_DoesNothing() =>
        Parallel.For(0, 8, _ => TorchLoader.EnsureLoaded());

    [Fact]
    public void Network_TrainedForReal_LearnsExclusiveOr()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        using var hidden = nn.Linear(2, 16);
        using var output = nn.Linear(16, 1);
        using var network = nn.Sequential(hidden, nn.Tanh(), output);
        foreach (var parameter in network.parameters())
        {
            using (no_grad())
            {
                parameter.copy_(randn(parameter.shape, generator: generator) * 0.5);
            }
        }

        using var optimizer = optim.Adam(network.parameters(), lr: 0.05);
        var x = tensor(new float[] { 0, 0, 0, 1, 1, 0, 1, 1 }).reshape(4, 2); // [batch, inputs]
        var y = tensor(new float[] { 0, 1, 1, 0 }).reshape(4, 1);
        var (first, last, counts) = (0f, 0f, new List<long>());
        for (var step = 0; step < 200; step++)
        {
            using (NewDisposeScope())
            {
                optimizer.zero_grad();
                var loss = nn.functional.binary_cross_entropy_with_logits(network.forward(x), y);
                loss.backward();
                optimizer.step();
                last = loss.item<float>();
                first = step == 0 ? last : first;
            }

            counts.Add(Tensor.TotalCount);
        }

        Assert.InRange(last, 0, first / 10);
        Assert.Single(counts.Skip(100).Distinct()); // no tensor is left behind by a step
    }

    // On a machine with wider vectors torch would sum in another order, to other bits.
    [Fact]
    public void EnsureLoaded_HoldsTorchTo256Bits()
    {
        TorchLoader.EnsureLoaded();

        if (OperatingSystem.IsLinux() && System.Runtime.Intrinsics.X86.Avx2.IsSupported)
        {
            var getenv = NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "getenv");
            Assert.Equal("avx2", Marshal.PtrToStringUTF8(Marshal.GetDelegateForFunctionPointer<GetEnv>(getenv)("ATEN_CPU_CAPABILITY")));
        }
    }

    private delegate nint GetEnv([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
