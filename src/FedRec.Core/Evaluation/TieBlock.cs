namespace FedRec.Core.Evaluation;

/// <summary>Candidates with one and the same score, at least one of them held out; they take the ranks Above + 1 … Above + Size.</summary>
/// <param name="Above">Candidates with a better score.</param>
/// <param name="Size">Candidates in the block, at least <paramref name="Relevant"/>.</param>
/// <param name="Relevant">Held-out items in the block, at least 1.</param>
public readonly record struct TieBlock(int Above, int Size, int Relevant);
