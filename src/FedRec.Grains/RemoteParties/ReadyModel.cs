using FedRec.Contracts.RemoteParties;
using FedRec.Core.Learners;
using FedRec.Grains.Training;

namespace FedRec.Grains.RemoteParties;

/// <summary>A party's model whose weights take long to work out (<c>ease</c>), made ready once for whoever needs it at the time: what a party serves its users from is mostly what it is asked to evaluate.</summary>
/// <remarks>Keeps nothing alive: whoever uses a model has it. Such models are values only, so that any context of the same run works with them. Thread-safe.</remarks>
internal sealed class ReadyModel
{
    private readonly Lock _one = new();
    private (string Model, string Catalogue, string Configuration, string Phase) _key;
    private WeakReference<PreparedModel>? _last;

    /// <summary>The model that an order names: the one that somebody uses already, or else one that is made now.</summary>
    /// <param name="run">The run, as the order has it.</param>
    /// <param name="order">The order, checked.</param>
    /// <param name="model">The parameters: little-endian float32.</param>
    /// <exception cref="InvalidDataException">They are not of this length.</exception>
    public PreparedModel Get(RunContext run, PartyOrder order, ReadOnlySpan<byte> model)
    {
        var key = (order.ModelSha256, order.CatalogueSha256, order.ConfigSha256, order.Phase);
        lock (_one)
        {
            if (_key == key && _last is not null && _last.TryGetTarget(out var there) && there.Parameters.Length * sizeof(float) == model.Length)
            {
                return there;
            }

            var made = RemoteTrainer.Prepare(run, order, model);
            if (made.Derived is not null)
            {
                (_key, _last) = (key, new WeakReference<PreparedModel>(made));
            }

            return made;
        }
    }
}
