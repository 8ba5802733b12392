using System.Collections.Concurrent;
using FedRec.Core.Snapshots;
using Orleans.Serialization;
using Orleans.Storage;

namespace FedRec.Grains.Tests;

/// <summary>Grain storage that outlives a cluster and fails when told to; ETags as the real one.</summary>
internal sealed class SurvivingStorage
{
    private readonly ConcurrentDictionary<string, (byte[] Bytes, string ETag)> _records = new();
    private int _etag;

    /// <summary>Checkpoints of runs, which outlive a cluster too.</summary>
    public MemoryCheckpointStore Checkpoints { get; } = new();

    /// <summary>Segments of catalogues, likewise.</summary>
    public MemoryCatalogueStore Catalogues { get; } = new();

    /// <summary>Writes of this state name fail while set.</summary>
    public string? FailWritesOf { get; set; }

    /// <summary>What such a write throws.</summary>
    public Func<string, IOException> Refusal { get; set; } = state => new IOException($"The store refuses to write {state}.");

    /// <summary>Called when a write has been refused.</summary>
    public Action OnFailure { get; set; } = () => { };

    /// <summary>Called with the name of a state that has been written.</summary>
    public Action<string> OnWrite { get; set; } = _ => { };

    /// <summary>States written, in order, by name.</summary>
    public ConcurrentQueue<string> Writes { get; } = new();

    /// <summary>Forgets all states of a name, as a store that lost its last writes.</summary>
    public void Lose(string stateName)
    {
        foreach (var key in _records.Keys.Where(key => key.StartsWith($"{stateName}-", StringComparison.Ordinal)))
        {
            _records.TryRemove(key, out _);
        }
    }

    /// <summary>States whose writer had not read what is there, in order: what was refused of them.</summary>
    public ConcurrentQueue<string> Conflicts { get; } = new();

    /// <summary>What is stored as of now, to go back to, as a store does that loses its last writes: earlier ETags come back with it.</summary>
    public Action Remember()
    {
        var then = _records.ToArray();
        return () =>
        {
            lock (_records)
            {
                _records.Clear();
                foreach (var (key, record) in then)
                {
                    _records[key] = record;
                }
            }
        };
    }

    /// <summary>Bytes of each write, in order.</summary>
    public ConcurrentQueue<(string State, int Bytes)> Sizes { get; } = new();

    /// <summary>A state as it is stored.</summary>
    public T Read<T>(string stateName, string grainId, Serializer serializer) => serializer.Deserialize<T>(_records[$"{stateName}-{grainId}"].Bytes)!;

    /// <summary>Changes a state where it is stored, while no grain has it.</summary>
    public void Change<T>(string stateName, string grainId, Serializer serializer, Func<T, T> change) => _records.AddOrUpdate(
        $"{stateName}-{grainId}", _ => throw new InvalidOperationException($"There is no {stateName}-{grainId}."),
        (_, record) => (serializer.SerializeToArray(change(serializer.Deserialize<T>(record.Bytes)!)), record.ETag));

    /// <summary>What is stored, by name and grain.</summary>
    public IReadOnlyDictionary<string, byte[]> Stored => _records.ToDictionary(record => record.Key, record => record.Value.Bytes);

    public IGrainStorage For(Serializer serializer) => new Provider(this, serializer);

    private sealed class Provider(SurvivingStorage owner, Serializer serializer) : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            var found = owner._records.TryGetValue(Key(stateName, grainId), out var record);
            grainState.State = found ? serializer.Deserialize<T>(record.Bytes) : Activator.CreateInstance<T>();
            grainState.ETag = found ? record.ETag : null;
            grainState.RecordExists = found;
            return Task.CompletedTask;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            if (owner.FailWritesOf == stateName)
            {
                owner.OnFailure();
                throw owner.Refusal(stateName);
            }

            var (key, bytes) = (Key(stateName, grainId), serializer.SerializeToArray(grainState.State));
            lock (owner._records) // one of two writers wins
            {
                var present = owner._records.TryGetValue(key, out var record) ? record.ETag : null;
                if (present != grainState.ETag)
                {
                    owner.Conflicts.Enqueue(stateName);
                    throw new InconsistentStateException($"{key} has changed.", present, grainState.ETag);
                }

                grainState.ETag = Interlocked.Increment(ref owner._etag).ToString(System.Globalization.CultureInfo.InvariantCulture);
                grainState.RecordExists = true;
                owner._records[key] = (bytes, grainState.ETag);
            }

            owner.Sizes.Enqueue((stateName, bytes.Length));
            owner.Writes.Enqueue(stateName);
            owner.OnWrite(stateName);
            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            owner._records.TryRemove(Key(stateName, grainId), out _);
            grainState.State = Activator.CreateInstance<T>();
            grainState.ETag = null;
            grainState.RecordExists = false;
            return Task.CompletedTask;
        }

        private static string Key(string stateName, GrainId grainId) => $"{stateName}-{grainId}";
    }
}
