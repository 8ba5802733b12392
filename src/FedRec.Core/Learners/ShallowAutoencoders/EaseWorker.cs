using FedRec.Core.Data;
using FedRec.Core.Data.Times;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.ShallowAutoencoders;

/// <summary>Contributes the users' shares of the counts, or their votes; scores by the weights from the user's own items.</summary>
internal sealed class EaseWorker(IShare share, EaseOptions options, EaseVote vote, FederationShape shape) : ILearnerWorker
{
    private readonly HeldOutOwn _held = new(shape.Users);
    private Ballots? _ballots;
    private TimeKernel _kernel = new(0, 1);
    private float[] _factors = [];

    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output)
    {
        var (ease, settings) = ((EaseModel)model, ((EaseModel)model).Settings);
        if (vote.IsVote(settings.Rounds))
        {
            Vote(ease, task.Data, output);
            return new LocalResult(0, 0);
        }

        if (vote.KernelOf(settings) is var kappa && (kappa != _kernel.Kappa || settings.Unit != _kernel.Unit))
        {
            _kernel = new TimeKernel(kappa, settings.Unit, options.KernelUnit == KernelUnit.Days ? shape.TimeUnit.PerDay() : 0);
        }

        var (isLater, holdsOut, examples) = (settings.Rounds >= vote.Rounds, vote.HoldsOut(settings.Rounds), 0);
        for (var user = 0; user < task.Data.UserCount; user++)
        {
            var history = holdsOut ? _held.Rest(task.Data, user) : task.Data.History(user);
            output.LargestTotal += share.Add(isLater ? (task.Counted ?? task.Data).History(user) : default, history, _kernel, output);
            examples += history.Items.Length;
        }

        return new LocalResult(0, examples);
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

        ease.Weights.Score(history.Items, FactorsOf(ease, history), scores);
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

        var weights = ease.Weights;
        var factors = FactorsOf(ease, history);
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = weights.Weight(history.Items[i], item) * (factors.IsEmpty ? 1 : factors[i]);
        }
    }

    /// <inheritdoc/>
    public IItemSimilarity Similarity(PreparedModel model) => new WeightSimilarity(((EaseModel)model).Weights, "ease");

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private ReadOnlySpan<float> FactorsOf(EaseModel model, UserHistory history)
    {
        var tau = model.Settings.Recency > 0 ? model.Settings.Recency : options.Recency ?? 0;
        return Recency.Counts(new UserHistory(history.Items, ages: history.Ages), tau, ref _factors); // interactions count alike
    }

    private void Vote(EaseModel model, ClientData data, UpdateBuffer output)
    {
        _ballots ??= new Ballots(vote);
        var sum = new VoteSum(vote.Candidates);
        for (var user = 0; user < data.UserCount; user++)
        {
            _held.Find(data, user);
            for (var place = 0; place < _held.Count; place++)
            {
                _ballots.Add(model, _held.Before(place), _held.Item(place), sum.OfUser);
            }

            sum.Next();
        }

        sum.CopyTo(output.Segment(0, vote.Candidates));
    }
}
