namespace FedRec.Core.Data.Alignment;

/// <summary>What an alignment found: numbers only, no item.</summary>
/// <param name="Parties">Each party.</param>
/// <param name="Pairs">What every two parties share.</param>
/// <param name="Shared">Items that at least two parties have.</param>
/// <param name="SharedByAll">Items that all parties have.</param>
/// <param name="Items">Items of the catalogue that was written.</param>
/// <param name="Folder">Where it was written.</param>
public sealed record AlignmentReport(IReadOnlyList<AlignedParty> Parties, IReadOnlyList<SharedItems> Pairs, int Shared, int SharedByAll, int Items, string Folder);

/// <summary>One party in an alignment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Items">Items that it has interactions with.</param>
/// <param name="Matched">Those that another party has too.</param>
/// <param name="Unmatched">Those that it alone has.</param>
/// <param name="Collisions">Those that have the hash of another of its own items, so that none of them could be matched; part of the unmatched.</param>
/// <param name="WithoutKey">Those without a title, where titles were compared; part of the unmatched.</param>
/// <param name="Interactions">Interactions that were written.</param>
/// <param name="Dropped">Interactions that were left out with their unmatched items.</param>
public sealed record AlignedParty(string Name, int Items, int Matched, int Unmatched, int Collisions, int WithoutKey, int Interactions, int Dropped);

/// <summary>What two parties share.</summary>
/// <param name="First">A party.</param>
/// <param name="Second">Another one.</param>
/// <param name="Items">Items that both have.</param>
public sealed record SharedItems(string First, string Second, int Items);
