using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Training;

namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>Contributes the users' shares of the counts, or their votes on λ; scores by the weights from the user's own items.</summary>
/// <param name="share">Works shares out.</param>
/// <param name="choice">Users' choice of λ; null when λ is given.</param>
/// <param name="votesOffset">Where the votes stand in the contribution.</param>
internal sealed class EaseWorker(IShare share, LambdaChoice? choice, int votesOffset) : ILearnerWorker
{
    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, ContributionBuffer output)
    {
        var ease = (EaseModel)model;
        return (choice, ease.Rounds) switch
        {
            (null, 0) => Add(task.Data, _ => true, output),
            (not null, 0) => Add(task.Data, user => !LambdaChoice.IsVoter(user), output),
            (not null, 1) => Vote(ease, task, output),
            (not null, 2) => Add(task.Data, LambdaChoice.IsVoter, output),
            _ => Change(task.Counted ?? task.Data, task.Data, output),
        };
    }

    /// <inheritdoc/>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores)
    {
        var ease = (EaseModel)model;
        if (history.Items.IsEmpty || ease.IsEmpty)
        {
            ease.Popularity.CopyTo(scores); // nothing to go by but what others like
            return;
        }

        ease.Weights(LambdaChoice.OrDefault(ease.Lambda)).Score(history.Items, scores);
    }

    /// <inheritdoc/>
    /// <remarks>Exact: the parts are the weights from the own items, and the score is their sum.</remarks>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts)
    {
        var ease = (EaseModel)model;
        if (ease.IsEmpty)
        {
            parts.Clear();
            return;
        }

        var weights = ease.Weights(LambdaChoice.OrDefault(ease.Lambda));
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = weights.Weight(history.Items[i], item);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private LocalResult Add(ClientData data, Func<int, bool> takesPart, ContributionBuffer output)
    {
        var examples = 0;
        for (var user = 0; user < data.UserCount; user++)
        {
            if (takesPart(data.UserNumber(user)))
            {
                output.LargestTotal += share.Add([], data.Items(user), output);
                examples += data.Items(user).Length;
            }
        }

        return new LocalResult(0, examples);
    }

    private LocalResult Vote(EaseModel model, LocalTask task, ContributionBuffer output)
    {
        var random = task.Random;
        var votes = output.Segment(votesOffset, LambdaChoice.Candidates.Length);
        votes.Clear();
        for (var user = 0; user < task.Data.UserCount; user++)
        {
            if (LambdaChoice.IsVoter(task.Data.UserNumber(user)))
            {
                choice!.Vote(model, task.Data.Items(user), ref random, votes);
            }
        }

        return new LocalResult(0, 0);
    }

    private LocalResult Change(ClientData before, ClientData after, ContributionBuffer output)
    {
        var examples = 0;
        for (var user = 0; user < after.UserCount; user++)
        {
            output.LargestTotal += share.Add(before.Items(user), after.Items(user), output);
            examples += after.Items(user).Length;
        }

        return new LocalResult(0, examples);
    }
}
