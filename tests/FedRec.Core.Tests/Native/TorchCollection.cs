using FedRec.Core.Native;

namespace FedRec.Core.Tests.Native;

/// <summary>Loads torch for the tests that need it, and keeps them from running at once: tensors are counted per process.</summary>
public sealed class TorchFixture
{
    public TorchFixture() => TorchLoader.EnsureLoaded();
}

[CollectionDefinition(nameof(TorchCollection), DisableParallelization = true)]
public sealed class TorchCollection : ICollectionFixture<TorchFixture>;
