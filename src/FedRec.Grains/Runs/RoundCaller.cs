using FedRec.Contracts.Rounds;
using FedRec.Core.Federation;
using FedRec.Grains.Rounds;
using Orleans.Storage;

namespace FedRec.Grains.Runs;

/// <summary>Has a round grain run one round, through crashes of the silo that hosts it.</summary>
internal sealed partial class RoundCaller(IGrainFactory grains, SumBlocks blocks, RunJournal journal, TimeProvider time, ILogger log)
{
    private const int MaxFailuresInARow = 10;
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(1);

    /// <summary>Opens the round and waits for it to close.</summary>
    /// <param name="order">The round.</param>
    /// <param name="mayOpen">Asked each time before it is opened: why it may not be, and is abandoned; null when it may.</param>
    /// <param name="stopping">Gives up the wait: the silo stops, and what its grains still answer is no longer to be counted.</param>
    /// <exception cref="OperationCanceledException">The silo stops.</exception>
    /// <exception cref="InconsistentStateException">Another attempt drives the run.</exception>
    /// <exception cref="OrleansException">The round's silo or the storage failed again and again.</exception>
    public async Task<RoundResult> CallAsync(RoundOrder order, Func<Task<string?>> mayOpen, CancellationToken stopping)
    {
        var round = grains.GetGrain<IRoundGrain>(GrainKeys.Round(order.RunKey, order.Round));
        var failures = 0;
        var open = false;
        journal.Progress("round.started", new RoundRecord { Round = order.Round, Asked = CohortSize(order) });
        while (true)
        {
            try
            {
                if (!open)
                {
                    if (await mayOpen() is { } refusal)
                    {
                        return new RoundResult(new RoundRecord { Round = order.Round, Phase = nameof(RoundPhase.Abandoned), Reason = refusal }, null);
                    }

                    await round.OpenAsync(order, CancellationToken.None);
                    open = true;
                    grains.GetGrain<IRoundGrain>(GrainKeys.Round(order.RunKey, order.Round + 1)).WakeAsync().Ignore(); // in the shade of this one
                }

                if (await round.WaitAsync(s_wait, stopping) is { } result)
                {
                    stopping.ThrowIfCancellationRequested();
                    return await blocks.CompleteAsync(round, result);
                }

                stopping.ThrowIfCancellationRequested();
                failures = 0;
                journal.Progress("round.progress", await round.GetRecordAsync(stopping) ?? new RoundRecord { Round = order.Round });
            }
            catch (Exception exception) when (exception is (OrleansException or TimeoutException or InvalidOperationException) and not InconsistentStateException && ++failures < MaxFailuresInARow)
            {
                LogCallFailed(order.RunKey, order.Round, failures, exception);
                open = false; // the round may have moved to another silo: opening it again is safe
                await Task.Delay(s_wait, time, stopping);
            }
        }
    }

    private static int CohortSize(RoundOrder order) => order.Asked is { } asked ? asked.Length
        : order.Settings.CohortSize is > 0 and var size ? Math.Min(size, Clients(order)) : Clients(order);

    private static int Clients(RoundOrder order) => order.Among?.Length ?? order.Clients;

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: no answer from the round, attempt {Attempt}")]
    private partial void LogCallFailed(string run, int round, int attempt, Exception exception);
}
