using FedRec.Core.Snapshots;

namespace FedRec.Core.Learners;

/// <summary>What scoring with a version needs beside its parameters: it follows from them alone, takes long to work out, and little to read.</summary>
/// <remarks>Worked out once, whoever asks first; safe to share between threads.</remarks>
public interface IDerivedWeights
{
    /// <summary>Whether they are there.</summary>
    bool IsReady { get; }

    /// <summary>What is done while they are worked out, in words, such as <c>solving for the weights of 12,101 items</c>; null where it takes a moment.</summary>
    string? Work { get; }

    /// <summary>Works them out on a thread of their own, unless that has been done or is under way.</summary>
    /// <returns>Ends when they are there.</returns>
    Task DeriveAsync();

    /// <summary>The weights as tensors, to be kept beside the version.</summary>
    /// <exception cref="InvalidOperationException">They are not there.</exception>
    ModelSnapshot ToSnapshot();

    /// <summary>Takes weights that were worked out of the same parameters before.</summary>
    /// <param name="snapshot">What <see cref="ToSnapshot"/> gave.</param>
    /// <exception cref="InvalidDataException">Their shape is not that of the parameters' weights.</exception>
    void Take(ModelSnapshot snapshot);
}
