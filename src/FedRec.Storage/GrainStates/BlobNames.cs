using System.Text;
using FedRec.Core.Snapshots;

namespace FedRec.Storage.GrainStates;

/// <summary>Which blob holds which state.</summary>
internal static class BlobNames
{
    private const int MaxLength = 1024;

    /// <summary>The official name, <c>{stateName}-{grainId}.json</c>, or a hash when the store could not tell that name from another one.</summary>
    /// <param name="official">The official name.</param>
    /// <param name="grainId">The grain, whose id is the end of that name.</param>
    /// <remarks>A grain key is any text, also one from outside. In an address the segment <c>..</c> means the folder above, so two grains,
    /// or a grain and another container, would share a blob. A grain id always has a slash and the hashed form never, so they do not meet.</remarks>
    public static string For(string official, GrainId grainId)
    {
        if (IsSafe(official))
        {
            return official;
        }

        var id = grainId.ToString();
        var state = official[..^$"-{id}.json".Length];
        return $"{state}-sha256-{Safetensors.Sha256(Encoding.UTF8.GetBytes(id))}.json";
    }

    // Azure's naming rules: at most 1,024 characters, no control characters or backslashes, no segment that ends with a dot.
    private static bool IsSafe(string name) =>
        name.Length <= MaxLength
        && !name.Any(c => char.IsControl(c) || c == '\\')
        && !name.Split('/').Any(segment => segment.Length == 0 || segment[^1] == '.');
}
