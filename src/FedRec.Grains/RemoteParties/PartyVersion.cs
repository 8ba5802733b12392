using FedRec.Contracts.Clients;
using FedRec.Contracts.Models;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Grains.RemoteParties;

/// <summary>The version in use as its party is told of it, until the party has read it: it holds the parameters meanwhile.</summary>
/// <remarks>Used on the twin's scheduler only, hence without locks.</remarks>
internal sealed class PartyVersion(RemoteServices services)
{
    private (Content Model, Content Catalogue)? _named;

    /// <summary>Names the version that is in use.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="summary">Its versions.</param>
    /// <param name="client">Number of the party as a client.</param>
    /// <returns>Null when none is in use, or its run is not there any more.</returns>
    public async Task<PartyOrder?> NameAsync(string federation, ModelSummary summary, int client)
    {
        _named = null;
        if (summary.Versions.FirstOrDefault(line => line.Version == summary.Serving) is not { } line)
        {
            return null;
        }

        var reference = new ModelReference(GrainKeys.Run(federation, line.RunId), 0, line.Version);
        try
        {
            var run = await services.Runs.GetAsync(reference.RunKey, CancellationToken.None);
            var model = await services.Parameters.GetAsync(reference, run, CancellationToken.None);
            var (content, catalogue) = (services.Content.OfVersion(model, run.Learner), await services.Content.OfCatalogueAsync(run));
            _named = (content, catalogue);
            return PartyOrders.OrderOf(run, model, content, catalogue, new PartyUpdateId(line.RunId, line.Round, 1), client, line.Version);
        }
        catch (ArgumentException exception)
        {
            services.LogGone(reference.RunKey, line.Round, client, exception);
            return null;
        }
    }

    /// <summary>What was named by its hash; null when that is something else.</summary>
    public (Content? Content, bool IsModel) Find(string sha256) =>
        _named?.Model.Sha256 == sha256 ? (_named.Value.Model, true) : (_named?.Catalogue.Sha256 == sha256 ? _named.Value.Catalogue : null, false);

    /// <summary>Lets go of parameters that were read whole.</summary>
    public void Forget() => _named = null;
}
