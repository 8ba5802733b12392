using FedRec.Integration.Tests;
using FedRec.Integration.Tests.EndToEnd;
using FedRec.Integration.Tests.Storage;
using FedRec.Integration.Tests.Web.Real;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer($"FedRec.Integration.Tests.{nameof(LongestFirst)}", "FedRec.Integration.Tests")]
[assembly: CollectionBehavior(MaxParallelThreads = 4)] // those of whole programs wait most of the time, and let the others use the machine

namespace FedRec.Integration.Tests;

/// <summary>Begins with the collections whose tests run one after the other for minutes: the end of the run is the end of the longest.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_first = [EndToEndCollection.Name, ServedCollection.Name, AzuriteCollection.Name, RealWeb.Collection];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Array.IndexOf(s_first, collection.DisplayName) is >= 0 and var place ? place : s_first.Length).ThenBy(collection => collection.DisplayName, StringComparer.Ordinal);
}
