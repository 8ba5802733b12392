namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>Tests that start programs: one after the other and beside nothing else, since each keeps the machine busy.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EndToEndCollection
{
    public const string Name = "End to end";
}
