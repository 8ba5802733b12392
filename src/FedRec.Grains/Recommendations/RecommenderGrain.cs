using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Grains.Clients;
using FedRec.Grains.Models;
using FedRec.Grains.Parties;
using FedRec.Grains.Training;
using Orleans.Concurrency;

namespace FedRec.Grains.Recommendations;

/// <summary>Finds the grain of a user and has it answer from the version in use; answers for an unknown user's items itself.
/// Every answer leaves through here, and one from audited data is recorded first.</summary>
[StatelessWorker]
internal sealed partial class RecommenderGrain(RunCache contexts, ParameterCache parameters, WorkerPools pools, RecommendationAudit audit, CountedItems counted, UserKeys keys, GrainsOf<IUserGrain> users, Organisations organisations, TimeProvider time, ILogger<RecommenderGrain> log) : Grain, IRecommenderGrain
{
    private const int MaxCount = 1_000;
    private static readonly TimeSpan s_pointerAge = TimeSpan.FromMilliseconds(500); // serving follows the pointer within a second
    private static readonly TimeSpan s_damagedAge = TimeSpan.FromSeconds(10); // then it is looked at again: somebody may have put it back
    private long _inUse; // the version that the pointer says, as it was last read
    private ModelManifest? _serving; // its manifest, once it could be read
    private (long Version, long Instead, long At)? _damaged; // the version in use whose stored bytes are not what they were
    private long _lookedAt;
    private bool _hasRecorded;
    private (Dataset Data, int Forgotten, string[] Users)? _listed; // as it was when it was last asked for

    private string Federation => this.GetPrimaryKeyString();

    private IModelGrain Model => GrainFactory.GetGrain<IModelGrain>(Federation);

    public async Task<RecommendationAnswer> RecommendAsync(RecommendationQuery query, CancellationToken cancellationToken = default)
    {
        WantedItems.Check(query.Count, query.Part);
        await LookAsync();
        if (query.Version == 0 && _damaged is { } known && known.Version == _inUse && time.GetElapsedTime(known.At) < s_damagedAge)
        {
            return await RecommendFromAsync(query with { Version = known.Instead }, cancellationToken);
        }

        try
        {
            return await RecommendFromAsync(query, cancellationToken);
        }
        catch (InvalidDataException exception) when (query.Version == 0) // who asks for a version by its number hears that it is damaged
        {
            var summary = await Model.GetSummaryAsync(cancellationToken);
            if (summary.Previous == 0)
            {
                throw;
            }

            LogDamaged(Federation, summary.Serving, summary.Previous, exception);
            _damaged = (summary.Serving, summary.Previous, time.GetTimestamp());
            return await RecommendFromAsync(query with { Version = summary.Previous }, cancellationToken);
        }
    }

    private async Task<RecommendationAnswer> RecommendFromAsync(RecommendationQuery query, CancellationToken cancellationToken)
    {
        var (manifest, run, failure) = await OpenAsync(query.Version, cancellationToken);
        if (manifest is null || run is null)
        {
            return manifest is null ? new RecommendationAnswer(RecommendationOutcome.NoModel, query.Version, [])
                : new RecommendationAnswer(RecommendationOutcome.DataUnavailable, manifest.Version, [], failure);
        }

        var model = ToReference(manifest);
        return run.IsAudited
            ? await audit.RecordAsync(manifest, query, await AnswerAsync(RecommendationAudit.Explained(query), model, run, cancellationToken), cancellationToken)
            : await AnswerAsync(query, model, run, cancellationToken);
    }

    public async Task<SimilarAnswer> FindSimilarAsync(SimilarQuery query, CancellationToken cancellationToken = default)
    {
        WantedItems.Check(query.Count, part: null);
        var (manifest, run, failure) = await OpenAsync(query.Version, cancellationToken);
        if (manifest is null || run is null)
        {
            return manifest is null ? new SimilarAnswer(RecommendationOutcome.NoModel, query.Version, "", "", [])
                : new SimilarAnswer(RecommendationOutcome.DataUnavailable, manifest.Version, manifest.Learner, "", [], failure);
        }

        try
        {
            var prepared = await PrepareAsync(ToReference(manifest), run, cancellationToken);
            return await pools.Scoring.RunAsync(_ => SimilarItems.Find(run, prepared, query, manifest.Version));
        }
        catch (ArgumentException exception)
        {
            return new SimilarAnswer(RecommendationOutcome.DataUnavailable, manifest.Version, manifest.Learner, "", [], exception.Message);
        }
    }

    public async Task<RecommendationAnswer> GetPopularAsync(int count, ListPart? part, CancellationToken cancellationToken = default)
    {
        WantedItems.Check(count, part);
        var (manifest, run, failure) = await OpenAsync(version: 0, cancellationToken);
        return manifest is null ? new RecommendationAnswer(RecommendationOutcome.NoModel, 0, [])
            : run is null ? new RecommendationAnswer(RecommendationOutcome.DataUnavailable, manifest.Version, [], failure)
            : WantedItems.Find(run.Shown, count, part, manifest.Version, out var refused) is { } wanted ? PopularItems.List(run, wanted, manifest.Version, await counted.OfAsync(run, ToReference(manifest)))
            : new RecommendationAnswer(refused.Outcome, manifest.Version, [], refused.Reason);
    }

    // The version that is asked and its run; without the run where its data cannot be read, with the reason.
    private async Task<(ModelManifest? Manifest, RunContext? Run, string? Failure)> OpenAsync(long version, CancellationToken cancellationToken)
    {
        if (await FindAsync(version) is not { } manifest)
        {
            return default;
        }

        var runKey = ToReference(manifest).RunKey;
        if (manifest.Version == _serving?.Version)
        {
            contexts.Serve(runKey);
        }

        try
        {
            var run = await contexts.GetAsync(runKey, cancellationToken);
            await run.LookForCorrectionsAsync();
            return (manifest, run, null);
        }
        catch (ArgumentException exception)
        {
            return (manifest, null, exception.Message);
        }
    }

    private Task<PreparedModel> PrepareAsync(ModelReference model, RunContext run, CancellationToken cancellationToken)
    {
        if (model.Version == _serving?.Version)
        {
            parameters.Serve(model);
        }

        return parameters.GetToScoreAsync(model, run, cancellationToken);
    }

    private async Task<RecommendationAnswer> AnswerAsync(RecommendationQuery query, ModelReference model, RunContext run, CancellationToken cancellationToken)
    {
        if (query.Items.IsDefaultOrEmpty && query.User.Length > 0 && run.Simulated?.Dataset.Users.TryGet(query.User, out _) != false)
        {
            var own = await AskUserAsync(query, model, run, cancellationToken);
            if (own.Outcome is not RecommendationOutcome.UnknownUser)
            {
                return own;
            }
        }

        return WantedItems.Find(run.Shown, query.Count, query.Part, model.Version, out var refused) is not { } wanted
            ? new RecommendationAnswer(refused.Outcome, model.Version, [], refused.Reason)
            : query.Items.IsDefaultOrEmpty ? PopularItems.Answer(run, query, wanted, model.Version, await counted.OfAsync(run, model))
            : await FoldInAsync(query, wanted, model, run, cancellationToken);
    }

    private async Task<RecommendationAnswer> AskUserAsync(RecommendationQuery query, ModelReference model, RunContext run, CancellationToken cancellationToken)
    {
        var order = new RecommendOrder(model, query.User, query.Count, query.Explain, _hasRecorded, InUse: model.Version == _serving?.Version, query.Part);
        if (run.Hosted is { } hosted && await organisations.FindAsync(Federation, query.User) is { } member)
        {
            return await member.Grain.RecommendAsync(order with { User = member.User }, await hosted.NumberOfAsync(member.Key), cancellationToken);
        }

        var user = GrainKeys.User(Federation, (await keys.GetAsync(Federation)).Of(query.User));
        return await users.Get(user).RecommendAsync(order, cancellationToken);
    }

    /// <summary>Scores for what the request says the user has met. Nothing of it outlives the call, but for the audit lines of audited data.</summary>
    private async Task<RecommendationAnswer> FoldInAsync(RecommendationQuery query, WantedItems wanted, ModelReference model, RunContext run, CancellationToken cancellationToken)
    {
        if (RequestHistory.Find(query.Items, run.Catalogue.Items, out var unknown) is not { } history)
        {
            return new RecommendationAnswer(RecommendationOutcome.UnknownItem, model.Version, [], $"There is no item '{unknown}' in the catalogue of version {model.Version}.");
        }

        var prepared = await PrepareAsync(model, run, cancellationToken);
        var items = await pools.Scoring.RunAsync(_ =>
            run.Score(prepared, worker => ClientScoring.Rank(run, worker, prepared, history.View, wanted, query.Explain)));
        return new RecommendationAnswer(RecommendationOutcome.Found, model.Version, items);
    }

    public async Task<ImmutableArray<string>> FindUsersAsync(string prefix, int count, CancellationToken cancellationToken = default) =>
        [.. (await AllUsersAsync(cancellationToken)).Where(id => id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Take(Math.Min(count, MaxCount))];

    public async Task<ImmutableArray<string>> ListUsersAsync(int offset, int count, CancellationToken cancellationToken = default) =>
        [.. (await AllUsersAsync(cancellationToken)).Skip(offset).Take(Math.Min(count, MaxCount))];

    private async Task<IEnumerable<string>> AllUsersAsync(CancellationToken cancellationToken)
    {
        if (await FindAsync(0) is not { } model)
        {
            return [];
        }

        if ((await contexts.GetAsync(ToReference(model).RunKey, cancellationToken)).Simulated?.Dataset is not { } data)
        {
            return []; // only the users themselves know their ids
        }

        var forgotten = (await GrainFactory.GetGrain<IFederationGrain>(Federation).GetSummaryAsync(cancellationToken)).HasRecorded
            ? await GrainFactory.GetGrain<IUserRegistryGrain>(Federation).GetForgottenAsync(cancellationToken) : [];
        if (_listed is not { } listed || !ReferenceEquals(listed.Data, data) || listed.Forgotten != forgotten.Count)
        {
            var (ids, key) = (Enumerable.Range(0, data.Users.Count).Select(user => data.Users[user]), await keys.GetAsync(Federation));
            _listed = listed = (data, forgotten.Count, [.. forgotten.IsEmpty ? ids : ids.Where(id => !forgotten.Contains(key.Of(id)))]);
        }

        return listed.Users;
    }

    private async Task<ModelManifest?> FindAsync(long version)
    {
        await LookAsync();
        if (version != 0)
        {
            return await Model.GetManifestAsync(version);
        }

        if (_inUse != (_serving?.Version ?? 0))
        {
            _serving = _inUse == 0 ? null : await Model.GetManifestAsync(_inUse);
        }

        return _serving;
    }

    // At the pointer, unless that has just been done.
    private async Task LookAsync()
    {
        if (_inUse == 0 || time.GetElapsedTime(_lookedAt) > s_pointerAge)
        {
            _lookedAt = time.GetTimestamp();
            _hasRecorded = (await GrainFactory.GetGrain<IFederationGrain>(Federation).GetSummaryAsync()) is { HasRecorded: true } or { Hosted: not null };
            _inUse = (await Model.GetSummaryAsync()).Serving;
        }
    }

    [LoggerMessage(LogLevel.Error, "Version {Version} of {Federation}, which is in use, is damaged in the store; version {Instead} answers in its place. Put its blobs back, or promote another version")]
    private partial void LogDamaged(string federation, long version, long instead, Exception exception);

    private ModelReference ToReference(ModelManifest manifest) =>
        new(GrainKeys.Run(Federation, manifest.RunId), 0, manifest.Version);
}
