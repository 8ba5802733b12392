using FedRec.Core.Snapshots;

namespace FedRec.Core.Tests.Snapshots;

public sealed class MemoryModelStoreTests : ModelStoreContract
{
    protected override IModelStore Store { get; } = new MemoryModelStore();
}
