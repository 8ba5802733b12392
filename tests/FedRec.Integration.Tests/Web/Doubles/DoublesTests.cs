namespace FedRec.Integration.Tests.Web.Doubles;

public sealed class DoublesTests
{
    [Fact]
    public void Doubles_OfGrains_AreHiddenFromTheGrainCatalogue()
    {
        var doubles = typeof(FakeCluster).Assembly.GetTypes()
            .Where(t => t.Namespace == typeof(FakeCluster).Namespace && t.IsAssignableTo(typeof(IGrain)));

        // A public or internal one would be registered as a grain class in every silo of this process.
        Assert.All(doubles, d => Assert.True(d.IsNestedPrivate, $"{d} must be a private nested class."));
        Assert.NotEmpty(doubles);
    }
}
