using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Updates;

public sealed class UpdateBufferTests
{
    [Fact]
    public void Rows_AfterOtherSegments_AreSegmentsOfTheirOwn()
    {
        var buffer = new UpdateBuffer();
        buffer.Segment(100, 2).Fill(7);

        var rows = buffer.Rows([5, 2], 3);
        rows[..3].Fill(1);
        rows[3..].Fill(2);

        Assert.Equal(3, buffer.SegmentCount);
        Assert.Equal([100, 15, 6], Enumerable.Range(0, 3).Select(buffer.Offset));
        Assert.Equal([7f, 7f, 1f, 1f, 1f, 2f, 2f, 2f], buffer.Values);
        Assert.Equal([2f, 2f, 2f], buffer.SegmentValues(2));
    }

    [Fact]
    public void Rows_MoreThanThereIsRoomFor_KeepWhatIsThere()
    {
        var buffer = new UpdateBuffer();
        buffer.Segment(0, 1)[0] = 7;

        buffer.Rows([.. Enumerable.Range(0, 500)], 40).Fill(1);

        Assert.Equal(7, buffer.Values[0]);
        Assert.Equal(1 + (500 * 40), buffer.Values.Length);
        Assert.Equal(499 * 40, buffer.Offset(500));
    }
}
