using FedRec.Contracts.Clients;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Core.Learners;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Grains.Requests;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;

namespace FedRec.Grains.RemoteParties;

/// <summary>What a party is asked for now: at most one training, which is stored with its twin, and one evaluation, which is not.</summary>
/// <remarks>Used on the twin's scheduler only, hence without locks.</remarks>
/// <param name="services">What it is made with.</param>
/// <param name="tell">Reaches the twin from anywhere, for steps of secure aggregation.</param>
/// <param name="open">The training that waits for an answer, as it is stored; null for none.</param>
internal sealed class PartyOrders(RemoteServices services, Func<SecureCall, Task> tell, Func<PartyTraining?> open)
{
    private static readonly TimeSpan s_evaluationPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_isThereFor = TimeSpan.FromMinutes(1); // longer than a poll, and the pause after one that failed
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AskedTraining? _training;
    private SecureCall? _step; // of secure aggregation, that waits for the party's answer
    private SecureRound? _session; // that it belongs to
    private AskedEvaluation? _evaluation;

    /// <summary>Whether a party that was last heard of then is taken for being there.</summary>
    public bool HasBeenAsked(DateTimeOffset? lastSeen) => lastSeen is { } at && services.Time.GetUtcNow() - at < s_isThereFor;

    /// <summary>Whoever waits is answered at once, now and from now on: an activation ends only after its last call, so before it is to end. When the silo stops, that is done by itself.</summary>
    public void End() => _ended.TrySetResult();

    /// <summary>Forgets the training.</summary>
    public void Forget() => (_training, _step, _session) = (null, null, null);

    /// <summary>Makes a training ready that is stored, and wakes the party that waits for it.</summary>
    public async Task AskAsync(PartyTraining training)
    {
        if (_training?.Training != training)
        {
            _training = await MakeAsync(training);
        }

        (_step, _session) = (null, null); // of another try
        services.Aggregation.Expect(training.Order, _training.Run, _training.Model, training.Client, tell);
        Wake();
    }

    /// <summary>Asks the party for a step of secure aggregation.</summary>
    /// <exception cref="InvalidOperationException">It was not asked to train for that round, as after a restart of the twin: the round does without it.</exception>
    /// <exception cref="InvalidDataException">The round is about something else than the twin knows.</exception>
    public void Tell(SecureCall call)
    {
        if (_training is not { } asked || (asked.Training.Order.RunKey, asked.Training.Order.Round) != (call.RunKey, call.Round))
        {
            throw new InvalidOperationException($"The party was not asked to train for round {call.Round} of {call.RunKey}, of which a step is asked.");
        }

        _session = call.Description.IsEmpty ? _session : SecureRounds.Read(asked.Run, call.Round, asked.Model, call.Description.Span);
        _step = call;
        Wake();
    }

    /// <inheritdoc cref="IPartyGrain.AnswerAsync"/>
    public async Task<bool> AnswerAsync(PartyUpdateId update, SecureStep step, ReadOnlyMemory<byte> message)
    {
        if (_step is not { } call || call.Step != step || step == SecureStep.Mask || _training?.Training.Update != update)
        {
            return false;
        }

        _step = null;
        return await services.Answers.AnswerAsync(call.RunKey, call.Round, new SecureAnswers(step, call.Session, [new SecureMessage(_training.Training.Client, message)], []));
    }

    /// <summary>Tells the round that the party takes no further step of secure aggregation.</summary>
    /// <returns>False when it is asked for none.</returns>
    public async Task<bool> LeaveAsync(PartyUpdateId update)
    {
        if (_step is not { } call || _training?.Training.Update != update)
        {
            return false;
        }

        _step = null;
        await services.Answers.AnswerAsync(call.RunKey, call.Round, new SecureAnswers(call.Step, call.Session, [], [_training.Training.Client]));
        return true;
    }

    /// <summary>The message to the round of an update of the training that is asked.</summary>
    /// <exception cref="InvalidDataException">It is no update of this round.</exception>
    public PartialSum Read(AskedTraining asked, ReadOnlyMemory<byte> update)
    {
        if (!asked.IsMasked)
        {
            return asked.Read(update);
        }

        var input = MaskedInput.Decode(update.Span);
        if (_session is null || _step is not { Step: SecureStep.Mask } || input.Receipt.Number != asked.Training.Client || !SecureServer.IsOf(_session, input))
        {
            throw new InvalidDataException("A masked update is not what its client has signed, or not for this try of the round.");
        }

        return asked.Read(input);
    }

    /// <summary>Notes that the round has answered to an update: until then the party may have to send it again.</summary>
    public void EndMasking() => _step = _step is { Step: SecureStep.Mask } ? null : _step;

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
            if ((await NextAsync()) is { } next)
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

    // Of a training whose updates are masked there is something to do when a step is asked for, also once its update is counted.
    private async Task<PartyOrder?> NextAsync() =>
        _step is { } step && _training is { } asked ? asked.Order with { Secure = new PartySecureStep(step.Step, step.Session, step.Messages[0].Bytes, step.Description) }
        : await TrainingAsync() is { IsMasked: false } training ? training.Order : _evaluation?.Asked;

    /// <summary>What an order names by its hash; null when none does.</summary>
    public async Task<(Content? Content, bool IsModel)> FindAsync(string sha256)
    {
        var training = await TrainingAsync() ?? (_step is null ? null : _training);
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
            }, content, catalogue, (sums, users) => services.Evaluations.AddSumsAsync(order, run, model, client, sums, users));
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
    /// <param name="id">The evaluation.</param>
    /// <param name="sums">As they travelled.</param>
    /// <param name="users">Users that the party has, as it has told.</param>
    /// <exception cref="ArgumentException">They are sums of something else, or none that its users can have.</exception>
    public async Task<bool> EvaluatedAsync(Guid id, ReadOnlyMemory<byte> sums, long users)
    {
        if (_evaluation is not { } evaluation || evaluation.Asked.Evaluation!.Id != id)
        {
            return false;
        }

        try
        {
            await (sums.IsEmpty ? Task.CompletedTask : evaluation.Add(sums, users));
        }
        catch (InvalidDataException exception)
        {
            throw new ArgumentException($"These are no sums of the evaluation that is asked for. {exception.Message}", exception);
        }

        _evaluation = _evaluation == evaluation ? null : _evaluation; // now: whoever waits for the answer may go on later than the party polls again
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

    private sealed record AskedEvaluation(PartyOrder Asked, Content Content, Content Catalogue, Func<ReadOnlyMemory<byte>, long, Task> Add)
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
    /// <summary>Whether updates are masked.</summary>
    public bool IsMasked => Run.Algorithm.Way.IsMasked;

    /// <summary>The largest that an update can be.</summary>
    public long MostBytes => RemoteUpdate.MostBytes(Run.Learner.Recipe(Model.Phase).Update.Length) + (IsMasked ? MostReceiptBytes : 0);

    private const int MostReceiptBytes = 1024 + (sizeof(int) * NeighbourGraph.Most);

    /// <summary>The message to the round.</summary>
    /// <param name="input">Of this client, as it has signed it.</param>
    /// <exception cref="InvalidDataException">It is of another length.</exception>
    public PartialSum Read(MaskedInput input)
    {
        var updates = Run.Algorithm.Empty(Run.Learner.Recipe(Model.Phase));
        return ((MaskedUpdates)updates).TryAdd(input) ? RoundMessages.ToMessage(Training.Order, updates, [Training.Client], input.Words.Length)
            : throw new InvalidDataException("A masked update is of another length than the round's vectors.");
    }

    /// <summary>The message to the round.</summary>
    /// <exception cref="InvalidDataException">It is no update of this round.</exception>
    public PartialSum Read(ReadOnlyMemory<byte> update)
    {
        var recipe = Run.Learner.Recipe(Model.Phase);
        return RemoteUpdate.Read(update, Training.Order, Training.Client, Run.Algorithm.Empty(recipe), Run.Algorithm.Way.Aggregator, recipe.Update.Length,
            sum => Run.Algorithm.IsOfOne(recipe, Training.Client, sum));
    }
}
