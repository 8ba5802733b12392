using FedRec.Contracts.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>A model that a party has kept to serve its users from.</summary>
/// <param name="Order">The order that named it.</param>
/// <param name="At">When it was fetched.</param>
internal sealed record KeptModel(PartyOrder Order, DateTimeOffset At)
{
    /// <summary>The version that it is, where the coordinator has said that this one is in use; else 0. Default: 0.</summary>
    public long InUse { get; init; }

    /// <summary>The run that has trained it.</summary>
    public string Run => Order.Update.Run;

    /// <summary>Rounds of that run that are in it; 0 for a version that was asked about by its number.</summary>
    public int Round => IsEvaluated || InUse > 0 ? Order.Update.Round : Order.Update.Round - 1;

    /// <summary>Number of the version, where the order told it; else 0.</summary>
    public long Version => IsEvaluated || InUse > 0 ? Order.BaseVersion : 0;

    /// <summary>Hash of its parameters.</summary>
    public string Sha256 => Order.ModelSha256;

    /// <summary>Whether the coordinator had it evaluated, as it has the model that a run ends with; else a round began with it.</summary>
    public bool IsEvaluated => Order.Evaluation is not null;

    /// <summary>Whether anything is learned in it at all.</summary>
    public bool IsTrained => Round > 0 || Version > 0;

    private int Number => int.TryParse(Run.AsSpan(Run.LastIndexOf('-') + 1), out var number) ? number : 0;

    /// <summary>Whether it is newer than another one: what was evaluated before what was not, and then the newest.</summary>
    /// <remarks>By this parties go while no version is in use, and with a coordinator of an earlier release, which does not tell which is. Each run ends with an evaluation of what it publishes,
    /// which parties take part in; so that is what they have.</remarks>
    /// <param name="other">The other one; null for none.</param>
    public bool Replaces(KeptModel? other)
    {
        if (!IsTrained || other is null)
        {
            return IsTrained;
        }

        return IsEvaluated != other.IsEvaluated ? IsEvaluated
            : Number != other.Number ? Number > other.Number
            : IsEvaluated ? Sha256 != other.Sha256 || Version > other.Version // of a run the last one: it may publish an earlier round than it has evaluated before
            : Round > other.Round;
    }
}
