namespace FedRec.Core.Data.Behaviours;

/// <summary>How often a kind of event occurs, and what it counts for.</summary>
/// <param name="Kind">Its name, such as <c>purchase</c>.</param>
/// <param name="Events">Rows of the kind, before events of the same user and item were merged.</param>
/// <param name="Interactions">Pairs of user and item whose strongest event is of the kind.</param>
/// <param name="Weight">What such an interaction counts in training; 0 leaves it out.</param>
public sealed record KindCount(string Kind, long Events, long Interactions, float Weight);
