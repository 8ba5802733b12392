using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.Federations;

/// <summary>A federation's runs.</summary>
[GenerateSerializer, Alias("fedrec.state.federation")]
internal sealed record FederationState
{
    /// <summary>Ids of its runs, oldest first.</summary>
    [Id(0)] public ImmutableArray<string> Runs { get; init; } = [];

    /// <summary>The run in progress.</summary>
    [Id(1)] public string? ActiveRun { get; init; }

    /// <summary>When a run was last started.</summary>
    [Id(2)] public DateTimeOffset? LastActive { get; init; }

    /// <summary>Whether any client remembers changes of its users' histories.</summary>
    [Id(3)] public bool HasRecorded { get; init; }

    /// <summary>Whether interactions carry ratings, of a federation whose clients keep their data themselves; null for all others.</summary>
    [Id(4)] public bool? HostedRatings { get; init; }

    /// <summary>What it simulates; null before it was told, and for runs of older programs.</summary>
    [Id(5)] public DataSpec? Simulates { get; init; }

    /// <summary>Whether its clients may still become such that keep their data themselves.</summary>
    public bool MayBeHosted() => HostedRatings is null && Runs.IsEmpty && Simulates is null;

    public FederationSummary ToSummary(string name) => new(name, Runs, ActiveRun, LastActive, HasRecorded)
    {
        Hosted = HostedRatings is { } hasRatings ? new HostedFederation(hasRatings, Runs.Length) : null,
        Simulates = Simulates,
    };
}

/// <summary>Writes the state of a federation whose calls interleave.</summary>
/// <remarks>Writes come one after another, each made of the state as the one before left it; reads see what is stored, never what is about to be.</remarks>
internal sealed class FederationWrites(IPersistentState<FederationState> saved, IGrainBase grain) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1);

    /// <summary>The state as it is stored.</summary>
    public FederationState Stored { get; private set; } = new();

    /// <summary>Takes the state over as it was read.</summary>
    public void Begin() => Stored = saved.State;

    public void Dispose() => _writing.Dispose();

    /// <summary>Changes the state; durable when it returns.</summary>
    public Task WriteAsync(Func<FederationState, FederationState> change) => WriteAsync(state => Task.FromResult(change(state)));

    /// <inheritdoc cref="WriteAsync(Func{FederationState, FederationState})"/>
    public async Task WriteAsync(Func<FederationState, Task<FederationState>> change)
    {
        await _writing.WaitAsync(CancellationToken.None);
        try
        {
            var next = await change(Stored);
            if (next != Stored)
            {
                saved.State = next;
                await saved.WriteOrDeactivateAsync(grain);
                Stored = next;
            }
        }
        finally
        {
            _writing.Release();
        }
    }
}
