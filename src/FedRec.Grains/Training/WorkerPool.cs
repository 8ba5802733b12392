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

    /// <summary>Starts the threads.</summary>
    /// <param name="name">What they do.</param>
    /// <param name="threads">How many there are.</param>
    /// <param name="yields">Whether whatever else has something to do goes first.</param>
    public WorkerPool(string name, int threads, bool yields = false)
    {
        _threads = new Thread[threads];
        for (var slot = 0; slot < threads; slot++)
        {
            var own = slot;
            _threads[slot] = new Thread(() => Work(own, yields)) { IsBackground = true, Name = $"fedrec-{name}-{slot}" };
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

    private void Work(int slot, bool yields)
    {
        if (yields)
        {
            LowPriority.Take();
        }

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

/// <summary>Work of one kind that is mostly short: then it is done where it is asked for, and otherwise by a pool.</summary>
/// <remarks>To hand work of 0.1 ms to another thread and to come back costs as much as a third of it, in two switches of threads and their wake-ups; while it lasts, the
/// grain that asks is the only one that waits. How long it takes depends on learner, catalogue and history, so it is measured.</remarks>
/// <param name="time">What it is measured by.</param>
internal sealed class ShortWork(TimeProvider time)
{
    private const int Share = 8; // of the mean, that each new measurement makes up
    private readonly long _limit = (long)(time.TimestampFrequency * 0.5e-3);
    private long _mean = (long)(time.TimestampFrequency * 0.5e-3) * Share; // until it has been measured a few times it is not short

    /// <summary>Whether the next piece is done where it is asked for.</summary>
    public bool IsShort => Volatile.Read(ref _mean) <= _limit;

    /// <summary>Does a piece of it.</summary>
    public Task<T> RunAsync<T>(WorkerPool pool, Func<T> compute) => IsShort ? Task.FromResult(Measured(compute)) : pool.RunAsync(_ => Measured(compute));

    private T Measured<T>(Func<T> compute)
    {
        var start = time.GetTimestamp();
        var result = compute();
        var taken = Math.Min(time.GetTimestamp() - start, 2 * _limit); // a thread that was interrupted says little of the work
        var mean = Volatile.Read(ref _mean);
        Volatile.Write(ref _mean, mean + ((taken - mean) / Share)); // one that is lost between two threads does not matter
        return result;
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
    public WorkerPool Training { get; } = new("training", options.Value.Threads, yields: true);

    public WorkerPool Scoring { get; } = new("scoring", options.Value.ScoringParallelism);

    public void Dispose()
    {
        Training.Dispose();
        Scoring.Dispose();
    }
}
