using System.Collections.Immutable;
using FedRec.Contracts.Access;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;

namespace FedRec.Integration.Tests.Web.Doubles;

/// <summary>Stands for the cluster: a grain factory over plain objects, with switches for what can go wrong.</summary>
/// <remarks>The grains are private nested classes throughout, so that no silo of this process takes them for real ones.</remarks>
internal sealed class FakeCluster : IGrainFactory
{
    private readonly List<FakeFederation> _federations = [];
    private readonly HashSet<string> _asked = [];

    /// <summary>What every grain call throws.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Grain calls so far.</summary>
    public int Calls { get; private set; }

    /// <summary>Questions to the directory of all federations so far.</summary>
    public int DirectoryCalls { get; private set; }

    /// <summary>Tells of whose grains somebody has asked since the last time: names of federations.</summary>
    public IReadOnlyList<string> TakeAsked()
    {
        string[] asked = [.. _asked];
        _asked.Clear();
        return asked;
    }

    /// <summary>Keys of the cluster.</summary>
    public FakeAccess Access { get; } = new();

    /// <summary>Federations, the most recently active first.</summary>
    public IReadOnlyList<FakeFederation> Federations => _federations;

    public FakeFederation Add(string name)
    {
        var federation = new FakeFederation(name) { LastActive = new DateTimeOffset(2026, 3, 14, 9, 0, 0, TimeSpan.Zero) };
        _federations.Insert(0, federation);
        return federation;
    }

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        Calls += typeof(TGrainInterface) == typeof(IAccessKeysGrain) || typeof(TGrainInterface) == typeof(IAccessLogGrain) ? 0 : 1; // once in a while, whatever is asked
        if (Failure is not null)
        {
            throw Failure;
        }

        _asked.Add(primaryKey.Split('/')[0]);

        return (TGrainInterface)Grain(typeof(TGrainInterface), primaryKey);
    }

    private object Grain(Type type, string key)
    {
        if (type == typeof(IAccessKeysGrain))
        {
            return Access.Grain;
        }

        if (type == typeof(IAccessLogGrain))
        {
            return Access.Log;
        }

        if (type == typeof(IFederationDirectoryGrain))
        {
            DirectoryCalls++;
            return new Directory(this);
        }

        var (name, run) = key.Split('/') is [var federationName, var runId] ? (federationName, runId) : (key, "");
        var federation = _federations.Find(f => f.Name == name) ?? new FakeFederation(name); // a grain exists before its state
        return type switch
        {
            _ when type == typeof(IFederationGrain) => federation.Grain,
            _ when type == typeof(IRunGrain) => (federation.Runs.Find(r => r.Id == run) ?? new FakeRun()).Grain,
            _ when type == typeof(IModelGrain) => federation.Model.Grain,
            _ when type == typeof(IRecommenderGrain) => federation.Recommender.Grain,
            _ when type == typeof(IHistoryGrain) => federation.History.Grain,
            _ when type == typeof(IEvaluationGrain) => federation.Evaluation.Grain,
            _ => throw new NotSupportedException($"No double of {type.Name}."),
        };
    }

    private sealed class Directory(FakeCluster cluster) : IFederationDirectoryGrain
    {
        public Task<ImmutableArray<string>> ListAsync(CancellationToken cancellationToken) =>
            Task.FromResult(cluster._federations.Select(f => f.Name).ToImmutableArray());

        public Task NoteRunAsync(string federation, string runId, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    // The front end addresses grains by name only.
    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidCompoundKey => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerCompoundKey => throw new NotSupportedException();

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw new NotSupportedException();

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => throw new NotSupportedException();

    public IAddressable GetGrain(GrainId grainId) => throw new NotSupportedException();

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) => throw new NotSupportedException();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) => throw new NotSupportedException();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => throw new NotSupportedException();
}
