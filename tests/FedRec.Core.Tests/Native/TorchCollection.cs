using FedRec.Core.Native;
using TorchSharp;

namespace FedRec.Core.Tests.Native;

/// <summary>Loads torch for the tests that need it, and keeps them from running at once: tensors are counted per process.</summary>
public sealed class TorchFixture
{
    public TorchFixture()
    {
        TorchLoader.EnsureLoaded();
        torch.set_num_threads(1);
    }
}

[CollectionDefinition(nameof(TorchCollection), DisableParallelization = true)]
public sealed class TorchCollection : ICollectionFixture<TorchFixture>;
