using FedRec.Hosting.Azurite;

namespace FedRec.Hosting;

/// <summary>Asks the store again and again whether it is there, and starts an emulator that died or hangs again, with its data.</summary>
/// <remarks>A store that stops answering is known after <see cref="StoreWatchTimes.Notice"/> and two more attempts at most: within 10 s.</remarks>
internal sealed class StoreWatch : IAsyncDisposable
{
    private readonly Uri _service;
    private readonly AzuriteProcess? _emulator;
    private readonly Action<string> _say;
    private readonly StoreWatchTimes _times;
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;
    private volatile string? _silent;

    /// <param name="service">Any address of the store; every answer counts.</param>
    /// <param name="emulator">Restarted when it is silent, and stopped with the watch; null for a store that others run.</param>
    /// <param name="say">Told what happens, in whole sentences.</param>
    /// <param name="times">How patient to be.</param>
    public StoreWatch(Uri service, AzuriteProcess? emulator, Action<string> say, StoreWatchTimes? times = null)
    {
        (_service, _emulator, _say, _times) = (service, emulator, say, times ?? new StoreWatchTimes());
        _http = new HttpClient { Timeout = _times.Attempt };
        _watching = Task.Run(() => WatchAsync(_end.Token));
    }

    /// <summary>What is wrong with the store, for people; null while all is well.</summary>
    public string? Problem => _silent ?? (_emulator?.SaveFailed is { } why
        ? $"The storage emulator cannot save what it is given ({why}). Free some space; what comes in now may be lost."
        : null);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _http.Dispose();
        _end.Dispose();
        if (_emulator is not null)
        {
            await _emulator.DisposeAsync();
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var answered = TimeProvider.System.GetTimestamp(); ;)
            {
                var ended = await HasEndedAsync(cancellationToken);
                if (!ended && await AnswersAsync(cancellationToken))
                {
                    answered = TimeProvider.System.GetTimestamp();
                    Tell(null);
                    continue;
                }

                var silence = TimeProvider.System.GetElapsedTime(answered);
                if (ended || silence >= _times.Notice)
                {
                    Tell(ended ? "The storage emulator has ended; it is being started again." : $"The store at {_service.GetLeftPart(UriPartial.Authority)} does not answer.");
                }

                if (_emulator is not null && (ended || silence >= _times.Restart))
                {
                    await RestartAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The command is done.
        }
    }

    // Waits for the next look, or less when the emulator's process ends.
    private async Task<bool> HasEndedAsync(CancellationToken cancellationToken)
    {
        var pause = Task.Delay(_times.Interval, cancellationToken);
        await Task.WhenAny(pause, _emulator?.Completion ?? pause);
        cancellationToken.ThrowIfCancellationRequested();
        return _emulator?.Completion.IsCompleted ?? false;
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(_service, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return true; // whatever it says to somebody without a key
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task RestartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _emulator!.RestartAsync(cancellationToken);
        }
        catch (StorageSetupException e)
        {
            Tell(e.Message);
            await Task.Delay(_times.Interval, cancellationToken); // and again
        }
    }

    private void Tell(string? problem)
    {
        if (problem != _silent)
        {
            _silent = problem;
            _say(problem ?? "The store answers again.");
        }
    }
}

/// <summary>How patient <see cref="StoreWatch"/> is.</summary>
internal sealed record StoreWatchTimes
{
    /// <summary>Between two looks. Default: 2 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait for one answer. Default: 2 s.</summary>
    public TimeSpan Attempt { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Silence after which the store counts as away. Default: 4 s.</summary>
    public TimeSpan Notice { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Silence after which an emulator is ended and started again: longer, as a busy one may still save. Default: 15 s.</summary>
    public TimeSpan Restart { get; init; } = TimeSpan.FromSeconds(15);
}
