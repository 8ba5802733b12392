using FedRec.Core.Data;
using FedRec.Core.Models;
using FedRec.Core.Training;

namespace FedRec.Core.Personalization;

/// <summary>Turns the shared version and one client's own data into the client's own model. Holds scratch memory: one per thread.</summary>
/// <remarks>What comes out is a model like any other: scoring, explaining and predicting need not know. It is derived from the version and
/// the data, and so need not be stored; it is never sent.</remarks>
public interface IPersonalization : IDisposable
{
    /// <summary>Makes the client's model; deterministic in its arguments.</summary>
    /// <param name="version">The shared version; left unchanged.</param>
    /// <param name="own">What the client may train on.</param>
    /// <param name="random">Draws of this client.</param>
    /// <returns>The client's model; <paramref name="version"/> itself when its data changes nothing.</returns>
    PreparedModel Personalize(PreparedModel version, ClientData own, SeededRandom random);
}
