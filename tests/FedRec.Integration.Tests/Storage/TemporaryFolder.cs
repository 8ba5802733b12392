namespace FedRec.Integration.Tests.Storage;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("fedrec-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
