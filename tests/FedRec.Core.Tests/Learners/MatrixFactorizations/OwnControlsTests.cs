using FedRec.Core.Learners.MatrixFactorizations;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

public sealed class OwnControlsTests
{
    // Mark "FCV1", 2 dims, 2 rows, items 1 and 4, (0.5, -1) and (2, 0).
    private const string Golden = "4643563102000000020000000100000004000000" + "0000003F000080BF0000004000000000";

    [Fact]
    public void Save_KeptRows_GivesTheGoldenBytes()
    {
        var controls = new OwnControls(6, 2);
        new[] { 2f, 0 }.CopyTo(controls.Keep(4));
        new[] { 0.5f, -1 }.CopyTo(controls.Keep(1));

        Assert.Equal(Golden, Convert.ToHexString(controls.Save()));
    }

    [Fact]
    public void Load_GoldenBytes_ReplacesTheLastClients()
    {
        var controls = new OwnControls(6, 2);
        controls.Keep(3).Fill(7);

        controls.Load(Convert.FromHexString(Golden));

        Assert.Equal([0.5f, -1], controls[1].ToArray());
        Assert.Equal([2f, 0], controls[4].ToArray());
        Assert.Equal([0f, 0], controls[3].ToArray());
        Assert.Equal(Golden, Convert.ToHexString(controls.Save()));
    }

    [Theory]
    [InlineData("4643", "not control variates of 2 dims")]
    [InlineData("004356310200000000000000", "not control variates of 2 dims")]
    [InlineData("464356310300000000000000", "not control variates of 2 dims")] // 3 dims
    [InlineData("4643563102000000FFFFFFFF", "not control variates of 2 dims")]
    [InlineData("46435631020000000100000001000000", "not control variates of 2 dims")] // a row is missing
    [InlineData("464356310200000001000000060000000000000000000000", "name item 6 out of order or outside the 6 items")]
    public void Load_OtherBytes_SaysWhatIsWrong(string bytes, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => new OwnControls(6, 2).Load(Convert.FromHexString(bytes)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
