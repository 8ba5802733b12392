using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Parties;
using FedRec.Core.Personalization;
using FedRec.Core.Randomness;
using FedRec.Grains.Requests;

namespace FedRec.Grains.Training;

/// <summary>Makes clients' own models of a run's versions. They stay in the silo that holds the client, are never sent and never stored.</summary>
/// <param name="run">The run.</param>
internal sealed class PersonalModels(RunContext run) : IDisposable
{
    private readonly PersonalizationOptions _options = RunRequests.ToOptions(run.Request.Personalization);
    private readonly ConcurrentBag<IPersonalization> _idle = [];
    private readonly ConditionalWeakTable<PreparedModel, ConcurrentDictionary<int, Lazy<PreparedModel>>> _parties = [];

    /// <summary>Whether the run asks for personalisation at all.</summary>
    public bool IsOn => _options.Method != PersonalizationMethod.None;

    /// <summary>The client's own model; the version itself when the run asks for no personalisation.</summary>
    /// <param name="version">The shared version.</param>
    /// <param name="client">Number of the client; gives its draws.</param>
    /// <param name="own">Its data.</param>
    public PreparedModel Of(PreparedModel version, int client, ClientData own)
    {
        if (!IsOn)
        {
            return version;
        }

        if (version is MatchedVersion matched)
        {
            using var once = Personalizations.Create(_options, AdaptivelyClippedLearner.Unwrapped(matched.Learner))!;
            return matched.With(once.Personalize(AdaptivelyClippedLearner.Unwrapped(matched.Own), matched.Translate(own), SeedSequence.For(run.Request.Seed, "personal", client)));
        }

        using var lease = run.Use();
        var personalization = _idle.TryTake(out var idle) ? idle : Personalizations.Create(_options, AdaptivelyClippedLearner.Unwrapped(run.Learner))!;
        var model = personalization.Personalize(AdaptivelyClippedLearner.Unwrapped(version), own, SeedSequence.For(run.Request.Seed, "personal", client));
        _idle.Add(personalization); // after a failure it is not used again
        return model;
    }

    /// <summary>The model of a party with many users; made once for a version, and kept as long as that.</summary>
    public PreparedModel OfParty(PreparedModel version, int client, PartyHoldings holdings) =>
        _parties.GetOrCreateValue(version).GetOrAdd(client, number => new(() => Of(version, number, holdings.Train()))).Value;

    /// <summary>Releases kernels that nobody is using; they are made again when they are needed.</summary>
    public void Dispose()
    {
        while (_idle.TryTake(out var personalization))
        {
            personalization.Dispose();
        }
    }
}
