namespace FedRec.Contracts;

/// <summary>Tells whether the store behind the grains can keep what it is given; whoever hosts the silo knows.</summary>
public interface IStoreStatus
{
    /// <summary>What is wrong with the store, for people; null while all is well.</summary>
    string? Problem { get; }
}
