using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data;

public sealed class ClientDataTests
{
    private static readonly ClientData s_client = new(new UserItems([0, 1, 3, 5], [9, 2, 6, 4, 6], [5, 1, 2, 3, 4]), new[] { 1, 2 }, 10);

    [Fact]
    public void After_ItemsComeAndGo_TheHistoryStaysAscendingWithItsRatings()
    {
        var after = s_client.After([new(0, 3, 4.5f, ItemChangeKind.Added), new(0, 6, 0, ItemChangeKind.Removed), new(1, 6, 2.5f, ItemChangeKind.Added)]);

        Assert.Equal([2, 3], after.Items(0).ToArray());
        Assert.Equal([1, 4.5f], after.Ratings(0).ToArray());
        Assert.Equal([4, 6], after.Items(1).ToArray());
        Assert.Equal([3, 2.5f], after.Ratings(1).ToArray());
        Assert.Equal([2, 6], s_client.Items(0).ToArray());
        Assert.Equal((2, 10, 2), (after.UserCount, after.ItemCount, after.UserNumber(1)));
    }

    [Fact]
    public void After_AddedAndRemovedAgain_IsAsBefore()
    {
        var after = s_client.After([new(1, 0, 5, ItemChangeKind.Added), new(1, 0, 0, ItemChangeKind.Removed), new(0, 7, 0, ItemChangeKind.Removed)]);

        Assert.Equal(s_client.Items(0).ToArray(), after.Items(0).ToArray());
        Assert.Equal(s_client.Items(1).ToArray(), after.Items(1).ToArray());
        Assert.Equal(s_client.Ratings(1).ToArray(), after.Ratings(1).ToArray());
    }

    [Fact]
    public void After_TwoSteps_AreOne()
    {
        ItemChange[] changes = [new(0, 1, 2, ItemChangeKind.Added), new(1, 4, 0, ItemChangeKind.Removed), new(0, 2, 0, ItemChangeKind.Removed)];

        var (steps, once) = (s_client.After(changes[..1]).After(changes[1..]), s_client.After(changes));

        Assert.Equal(once.Items(0).ToArray(), steps.Items(0).ToArray());
        Assert.Equal(once.Items(1).ToArray(), steps.Items(1).ToArray());
    }

    [Fact]
    public void After_UserIsForgotten_OnlyWhatComesLaterIsThere()
    {
        var after = s_client.After([new(0, 8, 1, ItemChangeKind.Added), new(0, -1, 0, ItemChangeKind.Forgotten), new(0, 5, 2, ItemChangeKind.Added)]);

        Assert.Equal([5], after.Items(0).ToArray());
        Assert.Equal([4, 6], after.Items(1).ToArray());
    }
}
