using CsCheck;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Core.Tests.Evaluation;

public sealed class TopKTests
{
    private static readonly float[] s_values = [0, 1, 2, -1, float.NaN, float.NegativeInfinity, float.PositiveInfinity];
    private static readonly Gen<(float[] Scores, bool[] Excluded, int K)> s_cases =
        Gen.Int[0, 40].SelectMany(n => Gen.Select(Gen.Int[0, s_values.Length - 1].Select(i => s_values[i]).Array[n], Gen.Bool.Array[n], Gen.Int[1, 12]));

    [Fact]
    public void Select_AnyScores_EqualsAStableSort() => s_cases.Sample(input =>
    {
        var (scores, excluded, k) = input;
        var selected = new int[k];

        var count = TopK.Select(scores, [.. Enumerable.Range(0, scores.Length).Where(i => excluded[i])], k, selected);

        var expected = Enumerable.Range(0, scores.Length).Where(i => !excluded[i] && !float.IsNaN(scores[i])).OrderByDescending(i => scores[i]).ThenBy(i => i).Take(k);
        Assert.Equal(expected, selected.Take(count));
    });

    [Fact]
    public void Select_NoneAskedFor_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => TopK.Select([1f], [], 0, []));
}
