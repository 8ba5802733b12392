using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Native;
using Microsoft.Extensions.Options;

namespace FedRec.Grains.Training;

/// <summary>Reads a data set; <see cref="FedRec.Core.Federation.FederationParts.Open"/>, unless a host has another source.</summary>
internal delegate Dataset DatasetReader(DatasetOptions options);

/// <summary>The data sets of a silo, read once each, on threads of their own: reading takes seconds to minutes, and grain turns must not wait for it.</summary>
internal sealed class DatasetCache(DatasetReader read, IOptions<TrainingOptions> options)
{
    private const long LeftOfARow = 64; // bytes, of reading, merging and splitting it
    private readonly RecentlyUsed<DatasetOptions, Dataset> _datasets = new(options.Value.CachedRuns); // those in use stay alive through their runs

    /// <summary>The data, read now when this silo does not have it.</summary>
    /// <exception cref="DataNotUsableException">It cannot be used; the message says why.</exception>
    public async Task<Dataset> OpenAsync(DatasetOptions source)
    {
        try
        {
            return await _datasets.GetOrLoad(source, key => Task.Factory.StartNew(() => Read(key), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
        catch (DatasetException exception)
        {
            throw new DataNotUsableException(exception.Message, exception.Place); // a type that every caller can read
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new DataNotUsableException(exception.Message, place: null);
        }
    }

    private Dataset Read(DatasetOptions source)
    {
        var dataset = read(source);
        LargeMemory.MakeRoom(LeftOfARow * dataset.Train.Count); // or the collector lets it lie while thousands of clients come in
        return dataset;
    }
}
