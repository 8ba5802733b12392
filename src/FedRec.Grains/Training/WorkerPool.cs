using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace FedRec.Grains.Training;

/// <summary>Runs CPU work of grains on a bounded number of threads of its own, so that grain turns stay short.</summary>
/// <remarks>Own threads instead of the thread pool: long work there would starve the grain turns that feed it. A slot number
/// goes with every piece of work, so that scratch memory can be kept per thread.</remarks>
internal sealed class WorkerPool : IDisposable
{
    private readonly BlockingCollection<IWork> _queue = [];
    private readonly Thread[] _threads;
    private bool _isEnded;

    public WorkerPool(string name, int threads)
    {
        _threads = new Thread[threads];
        for (var slot = 0; slot < threads; slot++)
        {
            var own = slot;
            _threads[slot] = new Thread(() => Work(own)) { IsBackground = true, Name = $"fedrec-{name}-{slot}" };
            _threads[slot].Start();
        }
    }

    /// <summary>Number of threads, and of slots.</summary>
    public int Slots => _threads.Length;

    /// <summary>Queues work that handles its own failures.</summary>
    public void Post(IWork work) => _queue.Add(work);

    /// <summary>Queues a computation; its failure reaches whoever awaits it.</summary>
    public Task<T> RunAsync<T>(Func<int, T> compute)
    {
        var work = new Computation<T>(compute);
        _queue.Add(work);
        return work.Task;
    }

    /// <summary>Ends the threads when their work is done. May be repeated.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isEnded, true))
        {
            return;
        }

        _queue.CompleteAdding();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _queue.Dispose();
    }

    private void Work(int slot)
    {
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            work.Execute(slot);
        }
    }

    private sealed class Computation<T>(Func<int, T> compute) : IWork
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _completion.Task;

        public void Execute(int slot)
        {
            try
            {
                _completion.SetResult(compute(slot));
            }
            catch (Exception exception)
            {
                _completion.SetException(exception); // handed to the awaiter, whatever it is
            }
        }
    }
}

/// <summary>A piece of work for a <see cref="WorkerPool"/>.</summary>
internal interface IWork
{
    /// <summary>Does the work; must not throw.</summary>
    /// <param name="slot">The executing thread, from 0 to Slots − 1.</param>
    void Execute(int slot);
}

/// <summary>A silo's threads for CPU work: some to train and evaluate, others to serve, so that serving does not wait behind a cohort.</summary>
internal sealed class WorkerPools(IOptions<TrainingOptions> options) : IDisposable
{
    public WorkerPool Training { get; } = new("training", options.Value.Threads);

    public WorkerPool Scoring { get; } = new("scoring", options.Value.ScoringParallelism);

    public void Dispose()
    {
        Training.Dispose();
        Scoring.Dispose();
    }
}
