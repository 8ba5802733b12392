namespace FedRec.Core.Training;

/// <summary>What a client reports of its training beside the contribution itself.</summary>
/// <param name="Loss">Mean training loss per example; finite.</param>
/// <param name="Examples">Examples trained on in one epoch, at least 0.</param>
/// <param name="State">What the client keeps for its next round; it never leaves the client. Empty for learners that keep nothing.</param>
public readonly record struct LocalResult(double Loss, int Examples, ReadOnlyMemory<byte> State = default);
