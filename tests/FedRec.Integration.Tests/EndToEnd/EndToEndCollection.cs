namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>Tests that start and kill programs, one after the other, and what the killed runs are compared with.</summary>
[CollectionDefinition(Name)]
public sealed class EndToEndCollection : ICollectionFixture<UndisturbedRun>
{
    public const string Name = "End to end";
}

/// <summary>Tests that ask a program which serves, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ServedCollection
{
    public const string Name = "Served";
}
