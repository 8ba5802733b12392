using FedRec.Contracts.Clients;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Core.Learners;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;

namespace FedRec.Grains.RemoteParties;

/// <summary>What a party is asked for now: at most one training, which is stored with its twin, and one evaluation, which is not.</summary>
/// <remarks>Used on the twin's scheduler only, hence without locks.</remarks>
/// <param name="services">What it is made with.</param>
/// <param name="open">The training that waits for an answer, as it is stored; null for none.</param>
internal sealed class PartyOrders(RemoteServices services, Func<PartyTraining?> open)
{
    private static readonly TimeSpan s_evaluationPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_isThereFor = TimeSpan.FromMinutes(1); // longer than a poll, and the pause after one that failed
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AskedTraining? _training;
    private AskedEvaluation? _evaluation;

    /// <summary>Whether a party that was last heard of then is taken for being there.</summary>
    public bool HasBeenAsked(DateTimeOffset? lastSeen) => lastSeen is { } at && services.Time.GetUtcNow() - at < s_isThereFor;

    /// <summary>Whoever waits is answered at once, now and from now on: an activation ends only after its last call, so before it is to end. When the silo stops, that is done by itself.</summary>
    public void End() => _ended.TrySetResult();

    /// <summary>Forgets the training.</summary>
    public void Forget() => _training = null;

    /// <summary>Makes a training ready that is stored, and wakes the party that waits for it.</summary>
    public async Task AskAsync(PartyTraining training)
    {
        if (_training?.Training != training)
        {
            _training = await MakeAsync(training);
        }

        services.Aggregation.Expect(training.Order, _training.Run, _training.Model, training.Client);
        Wake();
    }

    /// <summary>The training that waits for an answer; null when there is none, or when its run no longer has what it starts from.</summary>
    public async Task<AskedTraining?> TrainingAsync()
    {
        if (open() is not { } training)
        {
            return null;
        }

        if (_training?.Training != training)
        {
            try
            {
                var made = await MakeAsync(training); // after a restart
                _training = open() == training ? made : _training;
            }
            catch (ArgumentException exception)
            {
                services.LogGone(training.Order.RunKey, training.Order.Round, training.Client, exception);
                return null;
            }
        }

        return _training?.Training == training ? _training : null;
    }

    /// <summary>What the party is to do next, when there is something within the wait.</summary>
    public async Task<PartyOrder?> WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, services.Stopping);
        var until = services.Time.GetUtcNow() + wait;
        while (true)
        {
            var changed = _changed.Task;
            if (((await TrainingAsync())?.Order ?? _evaluation?.Asked) is { } next)
            {
                await stop.CancelAsync(); // or its timer would go on
                return next;
            }

            var left = until - services.Time.GetUtcNow();
            if (left <= TimeSpan.Zero || stop.IsCancellationRequested || _ended.Task.IsCompleted)
            {
                return null;
            }

            await Task.WhenAny(changed, _ended.Task, Task.Delay(left, services.Time, stop.Token));
        }
    }

    /// <summary>What an order names by its hash; null when none does.</summary>
    public async Task<(Content? Content, bool IsModel)> FindAsync(string sha256)
    {
        var training = await TrainingAsync();
        return training?.Content.Sha256 == sha256 ? (training.Content, true)
            : _evaluation?.Content.Sha256 == sha256 ? (_evaluation.Content, true)
            : training?.Catalogue.Sha256 == sha256 ? (training.Catalogue, false)
            : (_evaluation?.Catalogue.Sha256 == sha256 ? _evaluation.Catalogue : null, false);
    }

    /// <summary>Asks the party to evaluate, and waits for its sums. One that is not there, or is asked for what only whoever has the data can do, is left out.</summary>
    public async Task<SiloAddress> EvaluateAsync(EvaluateOrder order, int client, bool isThere)
    {
        var run = await services.Runs.GetAsync(order.Model.RunKey, CancellationToken.None);
        var model = await services.Parameters.GetAsync(order.Model, run, CancellationToken.None);
        if (isThere && order is { Against: null, Baseline: null, CountsItems: false })
        {
            var (content, catalogue) = (services.Content.OfVersion(model, run.Learner), await services.Content.OfCatalogueAsync(run));
            var evaluation = _evaluation = new AskedEvaluation(OrderOf(run, model, content, catalogue, new PartyUpdateId(GrainKeys.RunId(run.RunKey), order.Model.Round, 1), client, baseVersion: order.Model.Version) with
            {
                Evaluation = new PartyEvaluation(order.Evaluation, order.Cutoffs, order.OnValidation, order.Sampled, order.Shared),
            }, content, catalogue, sums => services.Evaluations.AddSumsAsync(order, run, model, client, sums));
            Wake();
            await Task.WhenAny(evaluation.Answered.Task, _ended.Task, Task.Delay(s_evaluationPatience, services.Time, services.Stopping));
            _evaluation = _evaluation == evaluation ? null : _evaluation;
        }

        await services.Evaluations.AddAsync(order, run, model, client, default, isRanked: false); // this silo takes part, whether it has sums of the party or not
        return services.Silo.SiloAddress;
    }

    /// <summary>The evaluation of an id; null when it is not asked any more.</summary>
    public PartyOrder? EvaluationOf(Guid id) => _evaluation is { } evaluation && evaluation.Asked.Evaluation!.Id == id ? evaluation.Asked : null;

    /// <summary>Takes the sums of an evaluation; empty where the party sends none.</summary>
    /// <exception cref="ArgumentException">They are sums of something else.</exception>
    public async Task<bool> EvaluatedAsync(Guid id, ReadOnlyMemory<byte> sums)
    {
        if (_evaluation is not { } evaluation || evaluation.Asked.Evaluation!.Id != id)
        {
            return false;
        }

        try
        {
            await (sums.IsEmpty ? Task.CompletedTask : evaluation.Add(sums));
        }
        catch (InvalidDataException exception)
        {
            throw new ArgumentException("These are no sums of the evaluation that is asked for.", exception);
        }

        evaluation.Answered.TrySetResult();
        return true;
    }

    private void Wake()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    private async Task<AskedTraining> MakeAsync(PartyTraining training)
    {
        var order = training.Order;
        var run = await services.Runs.GetAsync(order.RunKey, CancellationToken.None);
        var model = await services.Parameters.GetAsync(new ModelReference(order.RunKey, order.Round - 1, 0), run, CancellationToken.None);
        var (content, catalogue) = (services.Content.Of(model), await services.Content.OfCatalogueAsync(run));
        return new AskedTraining(training, OrderOf(run, model, content, catalogue, training.Update, training.Client, order.BaseVersion), run, model, content, catalogue);
    }

    /// <summary>Names a model of a run.</summary>
    public static PartyOrder OrderOf(RunContext run, PreparedModel model, Content content, Content catalogue, PartyUpdateId update, int client, long baseVersion) => new()
    {
        Update = update,
        Client = client,
        BaseVersion = baseVersion,
        Phase = model.Phase.ToString(),
        ModelSha256 = content.Sha256,
        CatalogueSha256 = catalogue.Sha256,
        ConfigSha256 = RunRequests.Hash(run.Request, run.Source),
        Request = run.Request,
        Source = run.Source,
    };

    private sealed record AskedEvaluation(PartyOrder Asked, Content Content, Content Catalogue, Func<ReadOnlyMemory<byte>, Task> Add)
    {
        public TaskCompletionSource Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>A training that a party is asked for, with what it needs.</summary>
/// <param name="Training">As it is stored.</param>
/// <param name="Order">As the party is told.</param>
/// <param name="Run">The run.</param>
/// <param name="Model">What it starts from.</param>
/// <param name="Content">The parameters.</param>
/// <param name="Catalogue">The catalogue.</param>
internal sealed record AskedTraining(PartyTraining Training, PartyOrder Order, RunContext Run, PreparedModel Model, Content Content, Content Catalogue)
{
    /// <summary>The largest that an update can be.</summary>
    public long MostBytes => RemoteUpdate.MostBytes(Run.Learner.Recipe(Model.Phase).Update.Length);

    /// <summary>The message to the round.</summary>
    /// <exception cref="InvalidDataException">It is no update of this round.</exception>
    public PartialSum Read(ReadOnlyMemory<byte> update)
    {
        var recipe = Run.Learner.Recipe(Model.Phase);
        return RemoteUpdate.Read(update, Training.Order, Training.Client, Run.Algorithm.Empty(recipe), Run.Algorithm.Way.Aggregator, recipe.Update.Length,
            sum => Run.Algorithm.IsOfOne(recipe, Training.Client, sum));
    }
}
