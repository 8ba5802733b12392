namespace FedRec.Core.Native;

/// <summary>Memory of the size of a large model.</summary>
/// <remarks>The collector lets blocks of hundreds of megabytes lie long after their last use, and does not see what native libraries take.</remarks>
public static class LargeMemory
{
    private const long Least = 1 << 28;

    /// <summary>Has what is no longer used given back, before so many bytes are taken; does nothing for less than 256 MB.</summary>
    public static void MakeRoom(long bytes)
    {
        if (bytes >= Least)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
