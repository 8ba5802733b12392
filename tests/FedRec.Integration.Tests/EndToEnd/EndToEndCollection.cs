namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>Tests that start programs: one after the other, since each keeps the machine busy.</summary>
[CollectionDefinition(Name)]
public sealed class EndToEndCollection
{
    public const string Name = "End to end";
}
