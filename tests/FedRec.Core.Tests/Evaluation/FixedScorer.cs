using FedRec.Core.Data;
using FedRec.Core.Evaluation;

namespace FedRec.Core.Tests.Evaluation;

/// <summary>Gives everybody the same scores and remembers what it was shown.</summary>
internal sealed class FixedScorer(params float[] values) : IScorer
{
    public List<(int User, string History)> Calls { get; } = [];

    public void Score(int user, UserHistory history, Span<float> scores)
    {
        Calls.Add((user, string.Join(',', history.Items.ToArray())));
        values.CopyTo(scores);
    }
}
