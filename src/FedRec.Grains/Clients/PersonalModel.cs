using FedRec.Contracts.Clients;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Grains.Training;

namespace FedRec.Grains.Clients;

/// <summary>The model of the version in use that a user's client makes its own, kept with the user as long as the version, its data and the silo's memory allow.</summary>
/// <remarks>Held weakly: a thousand clients with a table each are more than a silo should keep, and a model that was dropped is made again
/// from the version and the data, the same to the last bit.</remarks>
internal sealed class PersonalModel
{
    private readonly Lock _making = new();
    private (ModelReference Version, int Changes)? _made;
    private WeakReference<PreparedModel>? _model;

    /// <summary>The client's own model; made now when it is not there.</summary>
    /// <param name="run">The run of the version.</param>
    /// <param name="reference">The version.</param>
    /// <param name="version">Its shared parameters.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="data">The client's data.</param>
    /// <param name="changes">Changes that are in it; another number is other data.</param>
    public PreparedModel Of(RunContext run, ModelReference reference, PreparedModel version, int client, ClientData data, int changes)
    {
        if (!run.Personal.IsOn)
        {
            return version;
        }

        if (run.Simulated is { } simulated && simulated.Partition.UsersOf(client).Length > 1)
        {
            return run.Personal.OfParty(version, client, simulated.Holdings(client)); // one for all its users, from what was loaded
        }

        lock (_making)
        {
            if (_made == (reference, changes) && _model is not null && _model.TryGetTarget(out var model))
            {
                return model;
            }

            model = run.Personal.Of(version, client, data);
            (_made, _model) = ((reference, changes), new WeakReference<PreparedModel>(model));
            return model;
        }
    }
}
