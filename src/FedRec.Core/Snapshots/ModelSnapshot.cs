using FedRec.Core.Models;

namespace FedRec.Core.Snapshots;

/// <summary>Named float32 tensors of one model version, as stored and sent.</summary>
/// <param name="Layout">Names and shapes.</param>
/// <param name="Values">Length of the layout; must not change any more.</param>
public sealed record ModelSnapshot(ParameterLayout Layout, ReadOnlyMemory<float> Values);
